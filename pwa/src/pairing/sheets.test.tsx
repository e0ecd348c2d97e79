import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ApiProblem } from '../api/problem'
import { sampleDesign } from '../document/test_designs'
import type { AuditEntry, Device } from '../generated/wire'
import { syncState } from '../sync/sync'
import { recordToasts } from '../ui/test_toasts'
import * as calls from './pairing'
import { DevicesSheet, MoveSheet, PairSheet } from './sheets'

vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { pythonState: createStore(() => ({ status: 'loading' })), validate: vi.fn() }
})
vi.mock('../storage/designs', async (original) => ({
  ...(await original<object>()),
  listDesigns: async () => [{ id: 'd1', work: { ...sampleDesign(), name: 'Two experts' }, base: null }],
}))

const CODE = '7K3M-9QXD-2HVB'
const phone = (changes: Partial<Device> = {}): Device => ({
  id: 'v1',
  name: 'Chrome on Android',
  paired_at: '2026-11-01T10:00:00.000Z',
  last_used_at: '2026-11-30T10:00:00.000Z',
  current: true,
  ...changes,
})
const refusal = (status: number, detail: string) => new ApiProblem({ status, title: 'Refused', detail }, { fromServer: true })
const toasts = recordToasts()

beforeEach(() => {
  vi.stubGlobal('matchMedia', (query: string) => ({
    matches: false,
    media: query,
    addEventListener() {},
    removeEventListener() {},
  }))
})
afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

const fill = (label: string, value: string) =>
  fireEvent.change(screen.getByLabelText(label, { exact: false }), { target: { value } })
const press = (name: string | RegExp) => act(async () => fireEvent.click(screen.getByRole('button', { name })))

it('a code of the address is exchanged at once, and only once', async () => {
  const pair = vi.spyOn(calls, 'pair').mockResolvedValue(phone())
  await act(async () => void render(<PairSheet code={CODE} />))
  expect(pair).toHaveBeenCalledExactlyOnceWith(CODE, expect.any(String))
  expect(JSON.stringify(toasts())).toContain('Paired as Chrome on Android')
})

it('a typed code is read in any form; one that is none is not sent', async () => {
  const pair = vi.spyOn(calls, 'pair').mockResolvedValue(phone())
  render(<PairSheet />)
  fill('Pairing code', 'abc')
  await press('Pair')
  expect(screen.getByRole('alert').textContent).toContain('twelve letters and digits')
  expect(pair).not.toHaveBeenCalled()
  fill('Pairing code', '7k3m 9qxd 2hvb')
  fill('Name of this device', 'Kitchen')
  await press('Pair')
  expect(pair).toHaveBeenCalledExactlyOnceWith(CODE, 'Kitchen')
})

it('a refusal is shown and can be tried again', async () => {
  const pair = vi.spyOn(calls, 'pair').mockRejectedValueOnce(refusal(410, 'This code has been used')).mockResolvedValue(phone())
  await act(async () => void render(<PairSheet code={CODE} />))
  expect(screen.getByRole('alert').textContent).toContain('This code has been used')
  await press('Pair')
  expect(pair).toHaveBeenCalledTimes(2)
})

it('in Safari on an iPhone the next step is the Home Screen, with the same code', async () => {
  vi.stubGlobal('navigator', { ...navigator, userAgent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Safari/604.1' })
  vi.spyOn(calls, 'pair').mockResolvedValue(phone())
  await act(async () => void render(<PairSheet code={CODE} />))
  const next = screen.getByRole('dialog', { name: 'This browser is paired' })
  expect(next.textContent).toContain('Add to Home Screen')
  expect(next.textContent).toContain(CODE)
})

it('the camera is offered only where the browser can read codes', () => {
  render(<PairSheet />)
  expect(screen.queryByRole('button', { name: 'Scan the code' })).toBeNull()
  cleanup()
  vi.stubGlobal('BarcodeDetector', class {})
  vi.stubGlobal('navigator', { ...navigator, userAgent: 'x', mediaDevices: { getUserMedia: vi.fn() } })
  render(<PairSheet />)
  expect(screen.getByRole('button', { name: 'Scan the code' })).toBeDefined()
})

it('a scanned code is exchanged', async () => {
  const pair = vi.spyOn(calls, 'pair').mockResolvedValue(phone())
  const stop = vi.fn()
  class Detector {
    detect = async () => [{ rawValue: 'https://example.org' }, { rawValue: `http://studio.local:8444/#${CODE}` }]
  }
  vi.stubGlobal('BarcodeDetector', Detector)
  const getUserMedia = async () => ({ getTracks: () => [{ stop }] })
  vi.stubGlobal('navigator', { ...navigator, userAgent: 'x', mediaDevices: { getUserMedia } })
  vi.spyOn(HTMLMediaElement.prototype, 'play').mockResolvedValue()
  render(<PairSheet />)
  await press('Scan the code')
  await vi.waitFor(() => expect(pair).toHaveBeenCalledExactlyOnceWith(CODE, expect.any(String)))
  await vi.waitFor(() => expect(stop).toHaveBeenCalled())
})

it('lists devices and their changes, and revokes one after a question', async () => {
  const entry: AuditEntry = {
    number: 1,
    at: '2026-11-30T10:00:00.000Z',
    device_id: 'v2',
    device_name: 'Safari on iPhone',
    request_id: 'r1',
    what: 'design changed',
    subject: 'd1',
  }
  const other = phone({ id: 'v2', name: 'Safari on iPhone', current: false })
  const read = vi.spyOn(calls, 'readDevices').mockResolvedValueOnce([phone(), other]).mockResolvedValue([phone()])
  vi.spyOn(calls, 'readAudit').mockResolvedValue([entry])
  const revoke = vi.spyOn(calls, 'revoke').mockResolvedValue()
  await act(async () => void render(<DevicesSheet onClose={() => {}} />))
  const rows = within(screen.getByRole('list', { name: 'Paired devices' })).getAllByRole('listitem')
  expect(rows.map((row) => row.textContent?.includes('This device'))).toEqual([true, false])
  expect(screen.getByRole('region', { name: 'Changes' }).textContent).toContain('Design changed: Two experts')
  await press('Revoke Safari on iPhone')
  expect(revoke).not.toHaveBeenCalled()
  await press('Revoke')
  expect(revoke).toHaveBeenCalledExactlyOnceWith('v2')
  expect(read).toHaveBeenCalledTimes(2)
  expect(screen.queryByRole('button', { name: 'Revoke Safari on iPhone' })).toBeNull()
})

it('says how many designs another address would lack', async () => {
  syncState.setState({ waiting: 1, refused: 0, lastSyncedAt: '2026-11-30T10:00:00.000Z' })
  await act(async () => void render(<MoveSheet onClose={() => {}} />))
  const dialog = screen.getByRole('dialog', { name: 'Move to another address' })
  expect(dialog.textContent).toContain('1 design is in this browser alone')
  expect(screen.getByRole('button', { name: 'Export all designs' })).toBeDefined()
  await act(async () => syncState.setState({ waiting: 0 }))
  expect(dialog.textContent).toContain('Every design of this browser is on the server')
  expect(dialog.textContent).toContain('make phone')
})
