import 'fake-indexeddb/auto'
import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react'
import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { readTelemetry } from '../api/telemetry'
import type { RecordedEvent } from '../generated/wire'
import { closeDatabase } from '../storage/database'
import { queueEvent, readConsent, readQueue, storeAnswer } from '../storage/telemetry'
import { syncState } from '../sync/sync'
import { consentStore, loadConsent } from './consent'
import { RecordedSheet } from './RecordedSheet'
import { TelemetryOffer } from './TelemetryOffer'
import { TelemetrySection } from './TelemetrySection'

vi.mock('../api/telemetry', async (original) => ({ ...(await original<object>()), readTelemetry: vi.fn() }))
vi.mock('./background', () => ({ sendNow: vi.fn() }))

beforeEach(async () => {
  await closeDatabase()
  globalThis.indexedDB = new IDBFactory()
  vi.mocked(readTelemetry).mockReset().mockResolvedValue([])
  consentStore.setState({ answer: undefined, deletes: false })
  syncState.setState({ lastSyncedAt: '2026-11-30T10:00:00Z' })
})
afterEach(cleanup)

const tap = (name: string | RegExp) => act(async () => void fireEvent.click(screen.getByRole('button', { name })))

it('is switched on and off in the settings', async () => {
  render(<TelemetrySection />)
  const control = screen.getByRole('switch', { name: 'Record use and errors of this device' })
  expect(control.getAttribute('aria-checked')).toBe('false')
  await act(async () => void fireEvent.click(control))
  await vi.waitFor(() => expect(control.getAttribute('aria-checked')).toBe('true'))
  expect((await readConsent())?.answer).toBe('yes')
  await act(async () => void fireEvent.click(control))
  await vi.waitFor(async () => expect((await readConsent())?.answer).toBe('no'))
})

it.each([
  ['No, record nothing', 'no'],
  ['Yes, record this', 'yes'],
  ['No', 'no'],
])('offers it once: %s', async (choice, answer) => {
  render(<TelemetryOffer />)
  await screen.findByText('Help to find errors of this app?')
  if (choice === 'No, record nothing') await tap(choice)
  else {
    await tap('See how')
    const dialog = await screen.findByRole('dialog', { name: 'Record use and errors?' })
    await act(async () => void fireEvent.click(within(dialog).getByRole('button', { name: choice })))
  }
  await vi.waitFor(async () => expect((await readConsent())?.answer).toBe(answer))
  await vi.waitFor(() => expect(screen.queryByText('Help to find errors of this app?')).toBeNull())
  cleanup()
  consentStore.setState({ answer: undefined })
  render(<TelemetryOffer />)
  await act(loadConsent)
  expect(screen.queryByText('Help to find errors of this app?'), 'it never comes back').toBeNull()
})

it('offers nothing before there is a server', async () => {
  syncState.setState({ lastSyncedAt: undefined })
  render(<TelemetryOffer />)
  await act(loadConsent)
  expect(screen.queryByRole('region', { name: 'Telemetry' })).toBeNull()
})

const row = (number: number, event: object): RecordedEvent =>
  ({ number, received_at: '', event: { id: `e${number}`, at: '2026-11-30T10:00:00Z', ...event } }) as RecordedEvent

it('lists what waits and what the server has, and deletes both after a question', async () => {
  await storeAnswer('yes')
  await queueEvent({ type: 'offline_seconds', seconds: 12 })
  vi.mocked(readTelemetry).mockResolvedValue([
    row(3, { type: 'client_error', name: 'ApiProblem', status: 500, stack: 'app.js:1:2', request_id: 'q3' }),
    row(2, { type: 'compile_success', designId: 'd1', paramCount: 0.24, parameters: 244_613, time_ms: 1_234 }),
  ])
  await act(async () => void render(<RecordedSheet onClose={() => {}} />))
  const list = await screen.findByRole('list', { name: 'Events' })
  await vi.waitFor(() => expect(within(list).getAllByRole('listitem')).toHaveLength(3))
  const lines = within(list)
    .getAllByRole('listitem')
    .map(({ textContent }) => textContent)
  expect(lines[0]).toMatch(/^Used without the server for 12 s.*not sent yet/)
  expect(lines[1]).toMatch(/^A call failed with status 500.*request q3.*app\.js:1:2$/)
  expect(lines[2]).toMatch(/^Compiled: 244,613 parameters in 1\.2 s.*design d1/)
  await tap('Delete what was recorded')
  await tap('Delete 3 events')
  await vi.waitFor(async () => expect(await readQueue()).toMatchObject({ deletes: true, events: [] }))
  await vi.waitFor(() => expect(screen.queryAllByRole('listitem')).toHaveLength(0))
})

it('shows what waits here when the server is away', async () => {
  await storeAnswer('yes')
  await queueEvent({ type: 'train_started', designId: 'd1' })
  vi.mocked(readTelemetry).mockRejectedValue(new TypeError('offline'))
  await act(async () => void render(<RecordedSheet onClose={() => {}} />))
  expect((await screen.findAllByRole('listitem'))[0]?.textContent).toContain('Training started')
  expect(screen.getByRole('status', { name: 'Server' })).toBeDefined()
})
