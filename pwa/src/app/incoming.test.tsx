import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { openDropped } from '../designs/dropped_files'
import { openFiles } from '../designs/open_files'
import { closeSheet, uiStore } from '../editor/ui_state'
import { openRun } from '../runs/open_run'
import { recordToasts } from '../ui/test_toasts'
import { looksLikeDesign, startIncoming } from './incoming'

vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { pythonState: createStore(() => ({ status: 'loading' })) }
})
vi.mock('../runs/open_run', () => ({ openRun: vi.fn() }))
vi.mock('../designs/open_files', async (original) => ({ ...(await original<object>()), openFiles: vi.fn() }))

const toasts = recordToasts()
const sheet = () => uiStore.getState().sheet
let stop = () => {}
beforeEach(() => {
  closeSheet()
  vi.mocked(openRun).mockClear()
  window.history.replaceState({ at: 0 }, '', '#/')
})
afterEach(() => stop())

const paste = (text: string, target: EventTarget = document.body) => {
  const event = new Event('paste', { bubbles: true, cancelable: true })
  Object.assign(event, { clipboardData: { getData: () => text } })
  target.dispatchEvent(event)
  return event.defaultPrevented
}

it('an address with a design opens its preview once, and leaves the address', () => {
  window.history.replaceState({ at: 0 }, '', '#/import/AbC_-')
  stop = startIncoming()
  expect(sheet()).toEqual({ name: 'import', source: '#/import/AbC_-' })
  expect(window.location.hash).toBe('#/')
})

it.each([
  ['#/pair/7K3M-9QXD-2HVB', { name: 'pair', code: '7K3M-9QXD-2HVB' }],
  ['#/pair', { name: 'pair' }],
])('%s opens the pairing sheet once, and no code stays in the address', (address, opened) => {
  window.history.replaceState({ at: 0 }, '', address)
  stop = startIncoming()
  expect(sheet()).toEqual(opened)
  expect(window.location.hash).toBe('#/')
})

it('the address of a run opens it once, above the list, and an address that is like it does not', () => {
  window.history.replaceState({ at: 0 }, '', '#/run/d1/r1')
  stop = startIncoming()
  expect(vi.mocked(openRun).mock.calls).toEqual([[{ id: 'r1', design_id: 'd1' }]])
  expect(window.location.hash).toBe('#/')
  stop()
  window.history.replaceState({ at: 0 }, '', '#/run/d1/..%2Fr1')
  stop = startIncoming()
  expect(openRun).toHaveBeenCalledTimes(1)
})

it('a tap on a notification, which the service worker passes on, opens the run', () => {
  const workers = new EventTarget()
  Object.defineProperty(navigator, 'serviceWorker', { value: workers, configurable: true })
  stop = startIncoming()
  const pass = (data: unknown) => workers.dispatchEvent(new MessageEvent('message', { data }))
  for (const other of [
    null,
    { type: 'pack' },
    { type: 'open-run', design_id: '#', run_id: 'r1' },
    { design_id: 'd1', run_id: 'r1' },
  ])
    pass(other)
  expect(openRun).not.toHaveBeenCalled()
  pass({ type: 'open-run', design_id: 'd1', run_id: 'r2' })
  expect(openRun).toHaveBeenCalledWith({ id: 'r2', design_id: 'd1' })
  stop()
  Reflect.deleteProperty(navigator, 'serviceWorker')
})

it('a pasted link or design opens its preview, but not in a field, and no other text does', () => {
  stop = startIncoming()
  const field = document.body.appendChild(document.createElement('input'))
  expect(paste('https://a/#/import/AbC', field)).toBe(false)
  expect(paste('hello')).toBe(false)
  expect(sheet()).toBeNull()
  expect(paste('see https://a/#/import/AbC')).toBe(true)
  expect(sheet()).toEqual({ name: 'import', source: 'see https://a/#/import/AbC' })
  field.remove()
  expect(['{"components": []}', '{"designs": []}', '{"a": 1}', 'components'].map(looksLikeDesign)).toEqual([
    true,
    true,
    false,
    false,
  ])
})

it('a dropped file opens its preview, several are opened at once, one that is too large is refused', async () => {
  await openDropped([new File(['{"id": "d1"}'], 'one.json')])
  expect(sheet()).toEqual({ name: 'import', source: '{"id": "d1"}' })
  closeSheet()
  vi.mocked(openFiles).mockResolvedValueOnce({ opened: 2, same: 0, refused: [] })
  await openDropped([new File(['{}'], 'a.json'), new File(['{}'], 'b.json')])
  expect([sheet(), toasts().at(-1)?.text]).toEqual([null, '2 designs were opened.'])
  await openDropped([Object.defineProperty(new File(['{}'], 'huge.json'), 'size', { value: 60_000_000 })])
  expect(toasts().at(-1)).toMatchObject({ text: 'huge.json: it is larger than 50 MB.', tone: 'bad' })
})
