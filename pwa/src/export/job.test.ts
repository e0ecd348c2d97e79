import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ApiProblem } from '../api/api'
import { DamagedFile, fetchExport } from '../api/export_file'
import { saveFile } from '../lib/save_file'
import { shareFile } from '../lib/share_file'
import { fileOf } from '../networks/networks'
import { showToast } from '../ui/toasts'
import { cancelExport, exportFile, forgetFile, jobStore, unshareable, type WantedFile, watchExport } from './job'

vi.mock('../networks/networks', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { fileOf: vi.fn(), networksStore: createStore(() => ({ trouble: {} })) }
})
vi.mock('../api/export_file', async (original) => ({ ...(await original<object>()), fetchExport: vi.fn() }))
vi.mock('../lib/save_file', () => ({ saveFile: vi.fn() }))
vi.mock('../lib/share_file', () => ({ shareFile: vi.fn() }))
vi.mock('../ui/toasts', () => ({ showToast: vi.fn() }))

const wanted: WantedFile = {
  ...{ designId: 'd1', runId: 'r1', checkpoint: 'best', steps: 512, fmt: 'onnx' },
  ...{ keptId: null, keptName: 'tiny-mlp-r1-best-512.onnx', onServer: true },
}
const kept = { ...wanted, keptId: 'r1-512' }
const file = new File(['network'], 'tiny-mlp-r1-best-512.onnx')
const exported = { checkpoint: 'best', steps: 512, note: undefined }
const phase = () => jobStore.getState().phase

beforeEach(() => {
  vi.clearAllMocks()
  forgetFile()
  unshareable.clear()
  vi.mocked(fetchExport).mockReset().mockResolvedValue({ file, exported })
  vi.mocked(fileOf).mockReset().mockResolvedValue(null)
})
afterEach(() => jobStore.setState(jobStore.getInitialState(), true))

it('saves the file of the server, and shares the same file without fetching it again', async () => {
  await exportFile(wanted, 'save')
  expect(saveFile).toHaveBeenCalledExactlyOnceWith(file, 'tiny-mlp-r1-best-512.onnx')
  expect(phase()).toBe('saved')
  vi.mocked(shareFile).mockResolvedValue('shared')
  await exportFile(wanted, 'share')
  expect(phase()).toBe('shared')
  expect(fetchExport).toHaveBeenCalledOnce()
  await exportFile({ ...wanted, steps: 1024 }, 'save')
  expect(fetchExport).toHaveBeenCalledTimes(2)
})

it('takes a kept file without the server', async () => {
  vi.mocked(fileOf).mockResolvedValue(new TextEncoder().encode('kept').buffer as ArrayBuffer)
  await exportFile(kept, 'save')
  expect(fetchExport).not.toHaveBeenCalled()
  const [content, name] = vi.mocked(saveFile).mock.calls[0] ?? []
  expect([await content?.text(), name]).toEqual(['kept', 'tiny-mlp-r1-best-512.onnx'])
})

it('fetches a kept file that is damaged, and says so where the server does not have it', async () => {
  await exportFile(kept, 'save')
  expect(fetchExport).toHaveBeenCalledOnce()
  expect(phase()).toBe('saved')
  forgetFile()
  await exportFile({ ...kept, onServer: false }, 'save')
  expect(jobStore.getState().trouble).toEqual({ text: 'The file on this phone can no longer be read.', remedy: 'reload' })
})

it('waits for another tap where the browser wants one for sharing', async () => {
  vi.mocked(shareFile).mockResolvedValueOnce('needs-tap').mockResolvedValueOnce('shared')
  await exportFile(wanted, 'share')
  expect(phase()).toBe('ready')
  await exportFile(wanted, 'share')
  expect(phase()).toBe('shared')
  expect(fetchExport).toHaveBeenCalledOnce()
})

it('saves what the browser refuses to share, and remembers the type', async () => {
  vi.mocked(shareFile).mockResolvedValueOnce('refused')
  await exportFile(wanted, 'share')
  expect(saveFile).toHaveBeenCalledOnce()
  expect(jobStore.getState()).toMatchObject({
    phase: 'saved',
    remark: 'This browser does not share .onnx files, so it was saved.',
  })
  expect(unshareable.has('onnx')).toBe(true)
})

it('shows bytes while it is downloaded, and nothing after it was cancelled', async () => {
  vi.mocked(fetchExport).mockImplementation(async (_, options) => {
    options?.onProgress?.(10, 40)
    expect(jobStore.getState()).toMatchObject({ phase: 'downloading', done: 10, total: 40 })
    cancelExport()
    throw new DOMException('cancelled', 'AbortError')
  })
  await exportFile(wanted, 'save')
  expect(jobStore.getState()).toMatchObject({ phase: 'idle', wanted: null, trouble: null })
  expect(saveFile).not.toHaveBeenCalled()
})

const refusal = (status: number, detail: string, fromServer = true) =>
  new ApiProblem({ status, title: 'Refused', detail, problems: [] }, { fromServer })

it.each([
  ['offline', refusal(0, 'This phone has no network.', false), 'The server cannot be reached', 'retry'],
  ['deleted', refusal(404, 'There is no run r1'), 'This network was deleted on the server.', 'reload'],
  ['nothing trained', refusal(409, ''), 'Nothing to export yet', 'reload'],
  [
    'a damaged checkpoint',
    refusal(409, 'The checkpoint after 512 moves can no longer be read'),
    'can no longer be read',
    'reload',
  ],
  ['a damaged file', new DamagedFile(), 'The file arrived damaged, so it was not saved.', 'retry'],
  ['a full server', refusal(507, 'The server has no space left.'), 'The server has no space left.', 'retry'],
  ['anything else', new TypeError('x is not a function'), 'The file could not be written.', 'retry'],
])('explains a failure with one thing to do: %s', async (_, error, text, remedy) => {
  vi.mocked(fetchExport).mockRejectedValue(error)
  await exportFile(wanted, 'save')
  expect(phase()).toBe('failed')
  expect(jobStore.getState().trouble).toEqual({ text: expect.stringContaining(text), remedy })
})

it('reports the end by a toast where the dialog is closed, and only there', async () => {
  const stop = watchExport()
  await exportFile(wanted, 'save')
  expect(showToast).not.toHaveBeenCalled()
  stop()
  forgetFile()
  await exportFile(wanted, 'save')
  expect(showToast).toHaveBeenCalledExactlyOnceWith('Saved the .onnx file')
})
