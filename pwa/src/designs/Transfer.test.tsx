import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { uiStore } from '../editor/ui_state'
import { downloadAll, importAll, NoDesigns } from '../storage/export_all'
import { recordToasts } from '../ui/test_toasts'
import { Transfer } from './Transfer'
import { importedWords } from './taken_file'

vi.mock('../sync/sync', () => ({ syncSoon: vi.fn() }))
vi.mock('../storage/export_all', async (original) => ({
  ...(await original<object>()),
  downloadAll: vi.fn(),
  importAll: vi.fn(),
}))

const toasts = recordToasts()
const file = new File(['{"designs": []}'], 'a.json')
const choose = (one = file) => act(async () => fireEvent.change(screen.getByLabelText('Import'), { target: { files: [one] } }))

beforeEach(() => vi.resetAllMocks())
afterEach(cleanup)

it('writes one file with all designs', async () => {
  render(<Transfer count={2} />)
  await act(async () => fireEvent.click(screen.getByRole('button', { name: 'Export all designs' })))
  await vi.waitFor(() => expect(toasts().at(-1)?.text).toBe('Exported 2 designs'))
  expect(downloadAll).toHaveBeenCalledTimes(1)
})

it('reads a file, and says why one cannot be read', async () => {
  render(<Transfer count={0} />)
  vi.mocked(importAll).mockResolvedValueOnce({ added: 1, copied: 0, same: 0, failed: [] })
  await choose()
  await vi.waitFor(() => expect(toasts().at(-1)).toMatchObject({ text: '1 design imported.', tone: 'plain' }))
  vi.mocked(importAll).mockRejectedValueOnce(new NoDesigns('This file is not JSON.'))
  await choose()
  await vi.waitFor(() => expect(toasts().at(-1)).toMatchObject({ text: 'This file is not JSON.', tone: 'bad' }))
  vi.mocked(importAll).mockRejectedValueOnce(new Error('odd'))
  await choose()
  await vi.waitFor(() => expect(toasts().at(-1)).toMatchObject({ text: 'The file could not be read.', tone: 'bad' }))
})

it('shows a single design before it is kept', async () => {
  render(<Transfer count={0} />)
  await choose(new File(['{"id": "d1"}'], 'one.json'))
  await vi.waitFor(() => expect(uiStore.getState().sheet).toEqual({ name: 'import', source: '{"id": "d1"}' }))
  expect(importAll).not.toHaveBeenCalled()
})

it.each([
  [{ added: 0, copied: 0, same: 0, failed: [] }, '0 designs imported.'],
  [{ added: 2, copied: 1, same: 0, failed: [] }, '3 designs imported, 1 of them as a copy.'],
  [{ added: 0, copied: 1, same: 2, failed: [] }, '1 design imported as a copy. 2 designs were here already.'],
  [{ added: 0, copied: 0, same: 1, failed: ['A', 'B', 'C', 'D'] }, '1 design was here already. Not imported: A, B, C, ….'],
])('says what became of the designs of a file', (imported, words) => {
  expect(importedWords(imported)).toBe(words)
})
