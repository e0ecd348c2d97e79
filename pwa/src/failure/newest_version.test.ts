import { afterEach, expect, it, vi } from 'vitest'
import { newestVersion } from './newest_version'

afterEach(() => vi.unstubAllGlobals())

/** A service worker registration whose update finds a new version, or none. */
function browserWith(found: boolean) {
  const container = new EventTarget()
  const asked: unknown[] = []
  const waiting = {
    postMessage: (message: unknown) => {
      asked.push(message)
      container.dispatchEvent(new Event('controllerchange'))
    },
  }
  const installing = new EventTarget()
  const registration = {
    installing: null as EventTarget | null,
    waiting: null as unknown,
    update: async () => {
      if (!found) return
      registration.installing = installing
      queueMicrotask(() => {
        registration.waiting = waiting
        installing.dispatchEvent(new Event('statechange'))
      })
    },
  }
  vi.stubGlobal('navigator', { serviceWorker: Object.assign(container, { getRegistration: async () => registration }) })
  return asked
}

it('an app that cannot start takes the version that the server has by now', async () => {
  const asked = browserWith(true)
  await newestVersion()
  expect(asked).toEqual([{ type: 'skip-waiting' }])
})

it('without another version nothing is asked for', async () => {
  const asked = browserWith(false)
  await newestVersion()
  expect(asked).toEqual([])
})

it('without service workers, or with storage blocked, it is simply over', async () => {
  vi.stubGlobal('navigator', {})
  await newestVersion()
  vi.stubGlobal('navigator', {
    get serviceWorker(): unknown {
      throw new DOMException('blocked', 'SecurityError')
    },
  })
  await newestVersion()
})
