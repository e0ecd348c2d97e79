import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { uiStore } from '../editor/ui_state'
import { listExports } from '../networks/networks'
import { ExportButton } from './ExportButton'
import { exportableRun, listOf } from './test_exports'

vi.mock('../networks/networks', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { listExports: vi.fn(), readNetworks: vi.fn(async () => {}), networksStore: createStore(() => ({ networks: [] })) }
})
vi.mock('./ExportSheet', () => ({ ExportSheet: () => null }))

beforeEach(() => {
  vi.mocked(listExports)
    .mockReset()
    .mockResolvedValue(listOf(exportableRun('r1')))
  vi.useFakeTimers()
})
afterEach(() => {
  cleanup()
  vi.useRealTimers()
})

it('reads the list for the dialog once the page is idle, and again when it is touched', () => {
  const { rerender } = render(<ExportButton designId="d1" disabled />)
  vi.runAllTimers()
  expect(listExports).not.toHaveBeenCalled()
  rerender(<ExportButton designId="d1" runId="r1" />)
  vi.runAllTimers()
  expect(listExports).toHaveBeenCalledOnce()
  const button = screen.getByRole('button', { name: 'Export' })
  fireEvent.pointerDown(button)
  expect(listExports).toHaveBeenCalledTimes(2)
  fireEvent.click(button)
  expect(uiStore.getState().sheet).toEqual({ name: 'export', designId: 'd1', runId: 'r1' })
})
