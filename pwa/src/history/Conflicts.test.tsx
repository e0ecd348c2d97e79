import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { nameIn } from '../document/names'
import { documentStore, openDocument, resetDocuments } from '../document/store'
import { sampleDesign } from '../document/test_designs'
import { resolveConflicts } from '../editor/conflicts'
import { noticeStore } from '../editor/session'
import { uiStore } from '../editor/ui_state'
import { type DesignConflict, dismissConflicts, queueResolution } from '../storage/conflicts'
import { recordToasts } from '../ui/test_toasts'
import { ConflictNotice } from './Conflicts'

vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { pythonState: createStore(() => ({ status: 'loading' })) }
})
vi.mock('../editor/conflicts', () => ({ resolveConflicts: vi.fn() }))
vi.mock('../storage/conflicts', async (original) => ({
  ...(await original<object>()),
  dismissConflicts: vi.fn(),
  queueResolution: vi.fn(),
}))

const design = sampleDesign()
const conflict = (id: string, path: string, more: Partial<DesignConflict> = {}): DesignConflict => ({
  ...{ id, designId: design.id, path, base: 4, mine: 2, theirs: 8, kept: 'mine', createdAt: '2026-11-30T10:00:00Z' },
  ...{ otherDevice: 'Safari on iPhone', resolvedBy: '', dismissed: false },
  ...more,
})
const toasts = recordToasts()
const show = (...conflicts: DesignConflict[]) => {
  noticeStore.setState({ conflicts })
  render(<ConflictNotice />)
}

beforeEach(() => {
  vi.resetAllMocks()
  resetDocuments()
  openDocument(design)
})
afterEach(cleanup)

it('has a choice for each of many conflicts, in a region of its own', async () => {
  const all = design.components.map(({ id }) => conflict(`f${id}`, `/components/${id}/props/n_heads`))
  show(...all)
  const region = screen.getByRole('region', { name: 'Conflicts' })
  expect(region.textContent).toContain(`${all.length} conflicts`)
  expect(screen.getAllByRole('button', { name: 'Keep mine' })).toHaveLength(all.length)
  vi.mocked(resolveConflicts).mockResolvedValue(design)
  const row = screen.getByRole('list', { name: nameIn(design, 'c3') })
  await act(async () => fireEvent.click([...row.querySelectorAll('button')].at(-1) as HTMLElement))
  expect(vi.mocked(resolveConflicts).mock.calls.map(([[{ path }], side]) => [path, side])).toEqual([
    ['/components/c3/props/n_heads', 'theirs'],
  ])
  expect(toasts().at(-1)?.text).toContain(nameIn(design, 'c3'))
})

it('shows the block of a row, selected on the canvas', () => {
  uiStore.setState({ tab: 'chain' })
  show(conflict('f1', '/components/c3/props/n_heads'))
  fireEvent.click(screen.getByRole('button', { name: /You chose 2, Safari on iPhone chose 8/ }))
  expect(documentStore.getState().selection).toEqual(['c3'])
  expect(uiStore.getState().tab).toBe('canvas')
})

it('shows what somebody else decided, until it is dismissed', async () => {
  show(conflict('f1', '/name', { mine: 'A', theirs: 'B', resolved: 'theirs', resolvedBy: 'Safari on iPhone' }))
  expect(screen.getByRole('region', { name: 'Conflicts' }).textContent).toContain('Decided: B (by Safari on iPhone)')
  expect(screen.queryByRole('button', { name: 'Keep mine' })).toBeNull()
  await act(async () => fireEvent.click(screen.getByRole('button', { name: 'OK' })))
  expect(queueResolution).toHaveBeenCalledWith('f1', 'theirs')
})

it('keeps the buttons and says so when a choice could not be stored', async () => {
  show(conflict('f1', '/name', { mine: 'A', theirs: 'B' }))
  vi.mocked(resolveConflicts).mockRejectedValue(new Error('full'))
  await act(async () => fireEvent.click(screen.getByRole('button', { name: 'Keep mine' })))
  expect(toasts().at(-1)).toMatchObject({ text: 'The choice could not be stored on this phone.', tone: 'bad' })
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Keep mine' }).disabled).toBe(false)
})

it('can be put aside, and says where the conflicts are then', async () => {
  show(conflict('f1', '/name', { mine: 'A', theirs: 'B' }))
  await act(async () => fireEvent.click(screen.getByRole('button', { name: 'Decide later' })))
  expect(dismissConflicts).toHaveBeenCalledWith(design.id)
  expect(toasts().at(-1)?.text).toBe('They stay in the history of this design')
})
