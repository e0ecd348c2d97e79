// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { PlayPackMessage } from './messages'
import { fillPlayPack, playPackStore, removePlayPack, watchPlayPack } from './play_pack'
import { renewPlayPack } from './renew_play_pack'

let container: EventTarget & { getRegistration: () => Promise<unknown>; ready: Promise<unknown> }
let sent: string[]
let stop: () => void

const report = (message: Partial<PlayPackMessage>): void =>
  void container.dispatchEvent(
    new MessageEvent('message', { data: { type: 'play-pack', state: 'filling', progress: 0, bytes: 100, ...message } }),
  )
const state = () => playPackStore.getState()

beforeEach(() => {
  sent = []
  const active = { postMessage: ({ type }: { type: string }) => void sent.push(type) }
  const registration = { active }
  container = Object.assign(new EventTarget(), {
    getRegistration: async () => registration,
    ready: Promise.resolve(registration),
  })
  vi.stubGlobal('navigator', { serviceWorker: container })
  playPackStore.setState(playPackStore.getInitialState(), true)
  stop = () => {}
})
afterEach(() => {
  stop()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

test('the page asks how much is here, and again when another service worker takes over', async () => {
  stop = watchPlayPack()
  await vi.waitFor(() => expect(sent).toEqual(['check-play-pack']))
  report({ state: 'ready', progress: 1 })
  expect(state()).toMatchObject({ state: 'ready', progress: 1, bytes: 100, isKept: true })
  container.dispatchEvent(new Event('controllerchange'))
  await vi.waitFor(() => expect(sent).toHaveLength(2))
})

test('filling resolves when the pack is ready, and does not ask for one that is here', async () => {
  stop = watchPlayPack()
  const filling = fillPlayPack()
  await vi.waitFor(() => expect(sent).toContain('fill-play-pack'))
  report({ progress: 0.5 })
  expect(state()).toMatchObject({ state: 'filling', progress: 0.5 })
  report({ state: 'ready', progress: 1 })
  await filling
  sent = []
  await fillPlayPack()
  expect(sent).toEqual([])
})

test('filling that fails says why, and continues when the network is back', async () => {
  stop = watchPlayPack()
  const filling = fillPlayPack()
  report({ state: 'failed', progress: 0.3, reason: 'interrupted' })
  await filling
  expect(state()).toMatchObject({ state: 'failed', reason: 'interrupted' })
  sent = []
  dispatchEvent(new Event('online'))
  await vi.waitFor(() => expect(sent).toEqual(['fill-play-pack']))
  report({ state: 'failed', reason: 'full' })
  sent = []
  dispatchEvent(new Event('online'))
  expect(state()).toMatchObject({ state: 'failed', reason: 'full' })
  expect(sent).toEqual([])
})

test('a service worker that was ended is asked again, and given up after some time', async () => {
  vi.useFakeTimers()
  stop = watchPlayPack()
  const filling = fillPlayPack()
  await vi.advanceTimersByTimeAsync(30_000)
  expect(sent.filter((type) => type === 'fill-play-pack')).toHaveLength(2)
  report({ progress: 0.5 })
  await vi.advanceTimersByTimeAsync(90_000)
  await filling
  expect(state()).toMatchObject({ state: 'failed', reason: 'interrupted' })
})

test('without a service worker Play works as long as the server answers', async () => {
  vi.stubGlobal('navigator', {})
  stop = watchPlayPack()
  expect(state().state).toBe('absent')
  await fillPlayPack()
  expect(state()).toMatchObject({ state: 'ready', isKept: false })
})

test('it is removed by the service worker, and then offered again', async () => {
  stop = watchPlayPack()
  await vi.waitFor(() => expect(sent).toEqual(['check-play-pack']))
  report({ state: 'ready', progress: 1 })
  sent = []
  await removePlayPack()
  expect(sent).toEqual(['remove-play-pack'])
  report({ state: 'absent', progress: 0 })
  expect(state()).toMatchObject({ state: 'absent' })
})

test('messages about other things change nothing', () => {
  stop = watchPlayPack()
  container.dispatchEvent(new MessageEvent('message', { data: { type: 'pack', state: 'failed' } }))
  expect(state().state).toBe('absent')
})

test('a pack that is here but damaged is asked for again as a whole', async () => {
  stop = watchPlayPack()
  report({ state: 'ready', progress: 1 })
  const renewing = renewPlayPack()
  expect(state()).toMatchObject({ state: 'filling', progress: 0 })
  await vi.waitFor(() => expect(sent.filter((type) => type !== 'check-play-pack')).toEqual(['renew-play-pack', 'fill-play-pack']))
  report({ state: 'ready', progress: 1 })
  await renewing
  expect(state()).toMatchObject({ state: 'ready' })
})
