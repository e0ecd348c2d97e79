import { act, cleanup, fireEvent, type RenderResult, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ExportStatus } from './ExportButtons'
import { dismissExport, downloadExport, exportStore } from './export'

vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { pythonState: createStore(() => ({ status: 'loading' })) }
})

const answers = (headers: Record<string, string>) =>
  vi.stubGlobal(
    'fetch',
    async () => new Response('file', { headers: { 'content-disposition': 'attachment; filename="d1.onnx"', ...headers } }),
  )
let shown: RenderResult
const said = () => screen.queryByRole('status', { name: 'File' })?.textContent

beforeEach(() => {
  vi.stubGlobal('URL', Object.assign(URL, { createObjectURL: () => 'blob:file', revokeObjectURL: () => {} }))
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => {})
  dismissExport()
  shown = render(<ExportStatus shownRun="r1" />)
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

it('names the network that a file holds', async () => {
  answers({ 'x-export-checkpoint': 'best', 'x-export-steps': '120320' })
  await act(() => downloadExport({ designId: 'd1', fmt: 'onnx', runId: 'r1', shownRun: 'r1' }))
  expect(said()).toBe('The file holds the network at its best, after 120,320 moves.')
  answers({ 'x-export-checkpoint': 'last', 'x-export-steps': '0' })
  await act(() => downloadExport({ designId: 'd1', fmt: 'pt', runId: 'r1', shownRun: 'r1' }))
  expect(said()).toBe('The file holds the newest network, after 0 moves.')
  answers({ 'x-export-checkpoint': '40960', 'x-export-steps': '40960' })
  await act(() => downloadExport({ designId: 'd1', fmt: 'pt', runId: 'r1', shownRun: 'r1' }))
  expect(said()).toBe('The file holds a kept network, after 40,960 moves.')
})

it('says that a file is not of the network that was asked for, until that is dismissed', async () => {
  const note = 'The best network cannot be read; this is the newest one.'
  answers({ 'x-export-checkpoint': 'last', 'x-export-steps': '512', 'x-export-note': note })
  await act(() => downloadExport({ designId: 'd1', fmt: 'onnx', runId: 'r1', shownRun: 'r1' }))
  expect(said()).toContain('The file holds the newest network, after 512 moves.')
  expect(said()).toContain(note)
  fireEvent.click(screen.getByRole('button', { name: 'Close' }))
  expect(said()).toBeUndefined()
})

it('says nothing of a network that an older server does not name', async () => {
  answers({})
  await act(() => downloadExport({ designId: 'd1', fmt: 'onnx', runId: 'r1', shownRun: 'r1' }))
  expect(exportStore.getState().writing).toBeNull()
  expect(said()).toBeUndefined()
})

const exportOf = (run: string) => downloadExport({ designId: 'd1', fmt: 'onnx', runId: run, shownRun: run })
const showRun = (run: string) => shown.rerender(<ExportStatus shownRun={run} />)

it('says nothing of a file when another run is shown, nor when the first is shown again', async () => {
  answers({ 'x-export-checkpoint': 'best', 'x-export-steps': '61440' })
  await act(() => exportOf('r1'))
  expect(said()).toContain('61,440')
  showRun('r2')
  expect(said()).toBeUndefined()
  showRun('r1')
  expect(said()).toBeUndefined()
})

it('says why a file could not be had only where it was asked for', async () => {
  vi.stubGlobal('fetch', async () => {
    throw new TypeError('Failed to fetch')
  })
  await act(() => exportOf('r1'))
  expect(said()).toContain('The server cannot be reached.')
  showRun('r2')
  expect(said()).toBeUndefined()
})

it('tells of a file that is still written while another run is looked at, back at its own run', async () => {
  let answer = (_: Response) => {}
  vi.stubGlobal(
    'fetch',
    () =>
      new Promise<Response>((resolve) => {
        answer = resolve
      }),
  )
  let written = Promise.resolve()
  act(() => {
    written = exportOf('r1')
  })
  expect(said()).toContain('Writing the file')
  showRun('r2')
  expect(said()).toBe('A file of another run is being written. Export this one after it.')
  answer(new Response('file', { headers: { 'x-export-checkpoint': 'best', 'x-export-steps': '61440' } }))
  await act(() => written)
  expect(said()).toBeUndefined()
  showRun('r1')
  expect(said()).toContain('61,440')
})
