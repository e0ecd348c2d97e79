import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { schemaVersion } from '../document/catalogue'
import { patchBetween } from '../document/patch'
import { openDocument, resetDocuments } from '../document/store'
import { sampleDesign } from '../document/test_designs'
import { hasUnsavedEdits, keepUnsavedForReload, saveNow } from '../editor/session'
import { newestVersion } from '../failure/newest_version'
import { openLayer } from '../navigation/layers'
import { checkForUpdate, offlineState } from '../offline/offline'
import { closeDatabase, storageState } from '../storage/database'
import { QUIET_MS, startReloading } from './reload'
import { UpdatePrompt } from './UpdatePrompt'

vi.mock('../editor/session', () => ({
  saveNow: vi.fn(async () => true),
  hasUnsavedEdits: vi.fn(() => false),
  keepUnsavedForReload: vi.fn(),
}))
vi.mock('../failure/newest_version', () => ({ newestVersion: vi.fn(async () => {}) }))
vi.mock('../offline/offline', async () => {
  const { createStore } = await import('zustand/vanilla')
  const offlineState = createStore(() => ({ updateWaiting: false, replaced: false }))
  return {
    offlineState,
    checkForUpdate: vi.fn(async () => {}),
    applyUpdate: () => offlineState.setState({ replaced: true, updateWaiting: false }),
  }
})
vi.mock('../storage/database', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { storageState: createStore(() => ({})), closeDatabase: vi.fn(async () => {}) }
})

const reload = vi.fn()
let stop: () => void

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('location', { ...window.location, reload })
  offlineState.setState({ updateWaiting: false, replaced: false })
  storageState.setState({}, true)
  stop = startReloading()
})
afterEach(() => {
  stop()
  cleanup()
  resetDocuments()
  document.body.replaceChildren()
  vi.useRealTimers()
  vi.unstubAllGlobals()
  vi.clearAllMocks()
})

const passes = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms))
const replace = () => act(() => offlineState.setState({ replaced: true }))

it('reloads a tab that nobody uses once another tab has taken the update', async () => {
  fireEvent.keyDown(document.body)
  replace()
  await passes(QUIET_MS - 2_000)
  expect(reload).not.toHaveBeenCalled()
  await passes(4_000)
  expect(reload).toHaveBeenCalledOnce()
  expect(closeDatabase).toHaveBeenCalledOnce()
})

it.each<[string, () => () => void]>([
  [
    'somebody types',
    () => {
      const field = document.body.appendChild(document.createElement('input'))
      field.focus()
      return () => field.blur()
    },
  ],
  [
    'a finger is on the screen',
    () => {
      fireEvent.pointerDown(document.body)
      return () => fireEvent.pointerUp(document.body)
    },
  ],
  ['a sheet is open', () => openLayer(() => {})],
  [
    'an edit is not stored',
    () => {
      vi.mocked(hasUnsavedEdits).mockReturnValue(true)
      return () => vi.mocked(hasUnsavedEdits).mockReturnValue(false)
    },
  ],
])('does not reload while %s, but asks', async (_, begin) => {
  render(<UpdatePrompt />)
  const end = begin()
  replace()
  await passes(10 * QUIET_MS)
  expect(reload).not.toHaveBeenCalled()
  expect(screen.getByRole('button', { name: 'Reload' })).toBeDefined()
  act(end)
  await passes(2 * QUIET_MS)
  expect(reload).toHaveBeenCalledOnce()
})

it('does not take the undo history from a person by itself; a tap on Reload saves, releases the database and reloads', async () => {
  openDocument(sampleDesign())
  const { documentStore } = await import('../document/store')
  const patch = patchBetween(sampleDesign(), { ...sampleDesign(), name: 'x' })
  documentStore.setState({ past: [{ patch, summary: 'x', inside: null }] })
  render(<UpdatePrompt />)
  replace()
  await passes(10 * QUIET_MS)
  expect(reload).not.toHaveBeenCalled()
  fireEvent.click(screen.getByRole('button', { name: 'Reload' }))
  await passes(0)
  const order = [saveNow, closeDatabase, reload].map((one) => vi.mocked(one).mock.invocationCallOrder[0] ?? 0)
  expect(order).toEqual([...order].sort((a, b) => a - b))
  expect(order).not.toContain(0)
})

it('reloads at once in the tab where the update was taken', async () => {
  render(<UpdatePrompt />)
  act(() => offlineState.setState({ updateWaiting: true }))
  fireEvent.click(screen.getByRole('button', { name: 'Update' }))
  await passes(0)
  expect(reload).toHaveBeenCalledOnce()
})

it('asks for the newer version that the open design needs, and offers it once it is there', async () => {
  openDocument({ ...sampleDesign(), schema_version: schemaVersion + 1 })
  render(<UpdatePrompt />)
  expect(checkForUpdate).toHaveBeenCalledOnce()
  fireEvent.click(screen.getByRole('button', { name: 'Look for it' }))
  await passes(0)
  expect(checkForUpdate).toHaveBeenCalledTimes(2)
  act(() => offlineState.setState({ updateWaiting: true }))
  expect(screen.getByText('This design needs the newer version, which is ready.')).toBeDefined()
  fireEvent.click(screen.getByRole('button', { name: 'Update' }))
  await passes(0)
  expect(reload).toHaveBeenCalledOnce()
})

it('offers a reload where a newer version uses the database, and keeps what could not be stored', async () => {
  render(<UpdatePrompt />)
  openLayer(() => {})
  vi.mocked(saveNow).mockResolvedValueOnce(false)
  act(() => storageState.setState({ problem: 'A newer version', outdated: true }))
  expect(screen.queryByRole('button', { name: 'Later' })).toBeNull()
  fireEvent.click(screen.getByRole('button', { name: 'Reload' }))
  await passes(0)
  expect(keepUnsavedForReload).toHaveBeenCalledOnce()
  expect(newestVersion).toHaveBeenCalledOnce()
  expect(reload).toHaveBeenCalledOnce()
})
