import { afterEach, expect, it, vi } from 'vitest'
import { newestVersion } from './newest_version'

afterEach(() => vi.unstubAllGlobals())

/** A service worker registration whose update finds a new version, or none. */
function browserWith(hasUpdate: boolean) {
  const container = new EventTarget()
  const messages: unknown[] = []
  const waiting = {
    postMessage: (message: unknown) => {
      messages.push(message)
      container.dispatchEvent(new Event('controllerchange'))
    },
  }
  const installing = new EventTarget()
  const registration = {
    installing: null as EventTarget | null,
    waiting: null as unknown,
    update: async () => {
      if (!hasUpdate) return
      registration.installing = installing
      setTimeout(() => {
        registration.waiting = waiting
        installing.dispatchEvent(new Event('statechange'))
      })
    },
  }
  vi.stubGlobal('navigator', { serviceWorker: Object.assign(container, { getRegistration: async () => registration }) })
  return messages
}

it('an app that cannot start activates the version that the server has by now', async () => {
  const messages = browserWith(true)
  await newestVersion()
  expect(messages).toEqual([{ type: 'skip-waiting' }])
})

it('without another version no message is sent', async () => {
  const messages = browserWith(false)
  await newestVersion()
  expect(messages).toEqual([])
})

it('without service workers, or with storage blocked, it resolves at once', async () => {
  vi.stubGlobal('navigator', {})
  await newestVersion()
  vi.stubGlobal('navigator', {
    get serviceWorker(): unknown {
      throw new DOMException('blocked', 'SecurityError')
    },
  })
  await newestVersion()
})
