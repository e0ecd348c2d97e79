import { expect, it, vi } from 'vitest'
import { onPush, onTap } from './push_events'
import { addressOf, noticeOf, placeIn, placeOf } from './run_ended'

const ended = { run_id: 'r1', design_id: 'd1', design: 'Two experts', status: 'finished', score: 12_345.6 }
const place = { run_id: 'r1', design_id: 'd1' }

it.each([
  [{}, 'Training of “Two experts” has finished', 'Score 12,346.'],
  [{ score: null }, 'Training of “Two experts” has finished', 'Tap to see it.'],
  [{ status: 'failed' }, 'Training of “Two experts” failed', 'Score 12,346. Tap to see why.'],
  [{ status: 'failed', score: null }, 'Training of “Two experts” failed', 'Tap to see why.'],
  [{ status: 'interrupted', score: null }, 'Training of “Two experts” was interrupted', 'Tap to see why.'],
  [{ status: 'stopped', score: null }, 'Training of “Two experts” was stopped by the server', 'Tap to see why.'],
])('%o is shown in plain words', (changes, title, body) => {
  const notice = noticeOf({ ...ended, ...changes })
  expect([notice.title, notice.options.body]).toEqual([title, body])
  expect(notice.options).toMatchObject({ tag: 'run-r1', data: place })
})

it.each([
  undefined,
  null,
  'text',
  {},
  { ...ended, status: 'exploded' },
  { ...ended, run_id: '../evil' },
  { ...ended, design_id: 7 },
  { ...ended, design: undefined },
])('%o is announced without a run', (content) => {
  const { title, options } = noticeOf(content)
  expect(title).toBe('A training run has ended')
  expect(options.data).toBeNull()
})

it('the address of a run is read as it is written, and no other address is one', () => {
  expect(placeIn(addressOf(place))).toEqual(place)
  for (const hash of ['', '#/', '#/d/d1/train', '#/run/d1', '#/run/d1/r1/more', '#/run/D1/r1', '#/run/d1/r%201', 'x#/run/d1/r1'])
    expect(placeIn(hash), hash).toBeNull()
  expect(placeOf({ design_id: 'd1', run_id: 'r1', type: 'open-run' })).toEqual(place)
  expect(placeOf(null)).toBeNull()
})

it('a push message is shown, also one that is no JSON or has no content', async () => {
  const showNotification = vi.fn(async () => {})
  const registration = { showNotification }
  await onPush(registration, { json: () => ended })
  const broken = () => {
    throw new SyntaxError('no JSON')
  }
  await onPush(registration, { json: broken })
  await onPush(registration, null)
  const titles = showNotification.mock.calls.map(([title]: unknown[]) => title)
  expect(titles).toEqual(['Training of “Two experts” has finished', 'A training run has ended', 'A training run has ended'])
})

const windowAt = (url: string) => ({ url, postMessage: vi.fn(), focus: vi.fn(async () => {}) })
const windowsOf = (...open: ReturnType<typeof windowAt>[]) => ({
  matchAll: vi.fn(async () => open),
  openWindow: vi.fn(async () => {}),
})

it('a tap goes to the run in the window of the app that was used last', async () => {
  const licences = windowAt('https://studio.local:8443/licences.txt')
  const first = windowAt('https://studio.local:8443/#/d/d2')
  const second = windowAt('https://studio.local:8443/')
  const windows = windowsOf(licences, first, second)
  await onTap(windows, place)
  expect(first.postMessage).toHaveBeenCalledWith({ type: 'open-run', ...place })
  expect(first.focus).toHaveBeenCalled()
  expect(second.focus).not.toHaveBeenCalled()
  expect(licences.postMessage).not.toHaveBeenCalled()
  expect(windows.openWindow).not.toHaveBeenCalled()
})

it('a tap opens the app at the run where no window is open', async () => {
  const windows = windowsOf()
  await onTap(windows, place)
  expect(windows.openWindow).toHaveBeenCalledWith('/#/run/d1/r1')
  await onTap(windows, null)
  expect(windows.openWindow).toHaveBeenLastCalledWith('/')
})

it('a tap on a notification without a run shows the app as it is', async () => {
  const window = windowAt('https://studio.local:8443/#/d/d2')
  await onTap(windowsOf(window), null)
  expect(window.postMessage).not.toHaveBeenCalled()
  expect(window.focus).toHaveBeenCalled()
})
