import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ApiProblem } from '../api/api'
import { fetchExport } from '../api/export_file'
import { documentStore, openDocument, resetDocuments } from '../document/store'
import { sampleDesign } from '../document/test_designs'
import { compileStore } from '../editor/compile_state'
import type { ExportList } from '../generated/wire'
import { saveFile } from '../lib/save_file'
import { listExports, networksStore } from '../networks/networks'
import { ExportSheet } from './ExportSheet'
import { prefetchExports } from './early_list'
import { forgetFile, jobStore } from './job'
import { checkpoint, exportableRun, keptNetwork, listOf } from './test_exports'

vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { pythonState: createStore(() => ({ status: 'loading' })) }
})
vi.mock('../networks/networks', async () => {
  const { createStore } = await import('zustand/vanilla')
  return {
    ...{ listExports: vi.fn(), readNetworks: vi.fn(async () => {}), fileOf: vi.fn(async () => null) },
    networksStore: createStore(() => ({ networks: [], trouble: {} })),
  }
})
vi.mock('../api/export_file', async (original) => ({ ...(await original<object>()), fetchExport: vi.fn() }))
vi.mock('../lib/save_file', () => ({ saveFile: vi.fn() }))

const design = { ...sampleDesign(), id: 'd1', name: 'Tiny MLP' }
const offline = new ApiProblem({ status: 0, title: '', detail: 'This phone has no network.', problems: [] })

vi.useFakeTimers({ toFake: ['performance'] })

beforeEach(() => {
  vi.clearAllMocks()
  vi.advanceTimersByTime(120_000) // lists that an earlier test read are old
  forgetFile()
  resetDocuments()
  openDocument(design)
  networksStore.setState({ networks: [] })
  jobStore.setState(jobStore.getInitialState(), true)
})
afterEach(cleanup)

const show = async (answer: ExportList | Error, runId?: string) => {
  if (answer instanceof Error) vi.mocked(listExports).mockRejectedValue(answer)
  else vi.mocked(listExports).mockResolvedValue(answer)
  await act(async () => void render(<ExportSheet designId="d1" runId={runId} />))
}
const group = (name: string) => screen.getByRole('radiogroup', { name })
const chosen = (name: string) =>
  within(group(name))
    .getAllByRole<HTMLInputElement>('radio')
    .filter(({ checked }) => checked)
    .map((radio) => radio.closest('label')?.textContent)
const choose = (name: string, words: RegExp) => fireEvent.click(within(group(name)).getByRole('radio', { name: words }))
const tap = (name: RegExp) => act(async () => void fireEvent.click(screen.getByRole('button', { name })))

it('calls a run by the name it was given, with its tags', async () => {
  await show(listOf(exportableRun('r2', { name: 'First try', tags: ['baseline'] }), exportableRun('r1')))
  expect(chosen('Run')).toEqual([expect.stringMatching(/^First tryFinished · 614,400 moves · PPO.* · Design .*baseline/)])
})

it('preselects the run on the screen, its best network and ONNX, and shows size and check', async () => {
  await show(listOf(exportableRun('r2'), exportableRun('r1', { algorithm: 'afterstate_td' })), 'r1')
  expect(chosen('Run')).toEqual([expect.stringContaining('Finished · 614,400 moves · afterstate TD')])
  expect(chosen('Run')).toEqual([expect.stringContaining('2,401 mean score in test games')])
  expect(chosen('Network')).toEqual(['Best573,440 moves'])
  expect(chosen('File')).toEqual(['.onnxONNX: plays anywhere42 kB'])
  expect(group('File').textContent).toContain('Checked: the same as PyTorch on 1,024 boards, largest difference 1.4e-6.')
  choose('File', /\.pt/)
  expect(screen.getByRole('button', { name: /^Save \.pt/ }).textContent).toContain('about 41 kB')
})

it('says what is missing in a file that was written', async () => {
  const note = 'It is without the .onnx file.'
  const [best] = exportableRun('r1').checkpoints
  const files = best?.files.map((file) => (file.fmt === 'zip' ? { ...file, is_exact: true, note } : file)) ?? []
  await show(listOf(exportableRun('r1', { checkpoints: [checkpoint('best', 512, { files })] })))
  expect(group('File').textContent).not.toContain(note)
  choose('File', /\.zip/)
  expect(group('File').textContent).toContain(note)
})

it('says which runs were of the drawing as it is now', async () => {
  const { design } = documentStore.getState()
  compileStore.setState({ generated: { source: '', design_hash: 'a1b2c3d4e5f6', lines: {}, config: {} }, generatedFrom: design })
  await show(listOf(exportableRun('r2', { design_hash: 'ffffffffffff' }), exportableRun('r1')))
  const [newest, oldest] = within(group('Run')).getAllByRole('radio')
  expect(newest?.closest('label')?.textContent).toContain('Design ffffffff · drawing changed since')
  expect(oldest?.closest('label')?.textContent).toContain('Design a1b2c3d4 · as drawn now')
})

it('offers the networks of before in steps, with their share of the whole training', async () => {
  await show(listOf(exportableRun('r1', { status: 'running', total_steps: 1_228_800 })))
  choose('Network', /Earlier/)
  const earlier = screen.getByRole<HTMLSelectElement>('combobox', { name: 'Earlier network' })
  expect([...earlier.options].map(({ text }) => text)).toEqual(['61,440 moves (5 %)', '307,200 moves (25 %)'])
  expect(earlier.value).toBe('307200')
  fireEvent.change(earlier, { target: { value: '61440' } })
  vi.mocked(fetchExport).mockResolvedValue({
    file: new File(['x'], 'x.onnx'),
    exported: { checkpoint: '61440', steps: 61_440, note: 'A remark of the server.' },
  })
  await tap(/^Save/)
  expect(vi.mocked(fetchExport).mock.calls[0]?.[0]).toMatchObject({ runId: 'r1', checkpoint: '61440', fmt: 'onnx' })
  const outcome = screen.getByRole('status', { name: 'File' }).textContent
  expect(outcome).toContain('Saved. It has a network from earlier in the run, after 61,440 moves.')
  expect(outcome).toContain('A remark of the server.')
  expect(listExports).toHaveBeenCalledTimes(2)
  choose('Network', /Best/)
  expect(screen.queryByRole('status', { name: 'File' })).toBeNull()
})

it('folds older runs, but not the one on the screen', async () => {
  const runs = [4, 3, 2, 1].map((number) => exportableRun(`r${number}`))
  await show(listOf(...runs), 'r2')
  expect(within(group('Run')).getAllByRole('radio')).toHaveLength(3)
  await tap(/^1 older run$/)
  expect(within(group('Run')).getAllByRole('radio')).toHaveLength(4)
})

it('shows progress in bytes, and stops on Cancel', async () => {
  let progress: (done: number, total: number | null) => void = () => {}
  let signal: AbortSignal | undefined
  vi.mocked(fetchExport).mockImplementation((_, options) => {
    progress = options?.onProgress ?? progress
    signal = options?.signal
    return new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal?.reason)))
  })
  await show(listOf(exportableRun('r1')))
  await tap(/^Save/)
  const words = () => screen.getByRole('status', { name: 'Progress' }).textContent
  expect(words()).toContain('Writing the file')
  act(() => progress(10_000, 42_000))
  expect(words()).toContain('10 kB of 42 kB')
  expect(screen.getByRole<HTMLProgressElement>('progressbar').value).toBe(10_000)
  await tap(/^Cancel$/)
  expect(signal?.aborted).toBe(true)
  expect(screen.getByRole('button', { name: /^Save/ })).toBeTruthy()
})

it('without the server it offers what is kept here, and tries again', async () => {
  networksStore.setState({ networks: [keptNetwork('r1', 512), keptNetwork('r9', 64, { designId: 'other' })] })
  await show(offline)
  expect(screen.getByRole('status', { name: 'Problem' }).textContent).toContain(
    'The server cannot be reached. The networks on this phone can be exported without it.',
  )
  expect(chosen('Run')).toEqual([expect.stringContaining('On this phone')])
  const [onnx, pt] = within(group('File')).getAllByRole<HTMLInputElement>('radio')
  expect([onnx?.disabled, pt?.disabled]).toEqual([false, true])
  vi.mocked(listExports).mockResolvedValue(listOf(exportableRun('r1')))
  await tap(/^Try again$/)
  expect(screen.queryByRole('status', { name: 'Problem' })).toBeNull()
  expect(
    within(group('File'))
      .getAllByRole<HTMLInputElement>('radio')
      .some(({ disabled }) => disabled),
  ).toBe(false)
})

it('says what to do where there is nothing to export', async () => {
  await show(listOf())
  expect(screen.getByRole('button', { name: 'Open Train' })).toBeTruthy()
  cleanup()
  await show(listOf(exportableRun('r1', { checkpoints: [] })))
  expect(screen.getByText(/No run has a network yet/)).toBeTruthy()
  cleanup()
  await show(offline)
  expect(screen.getByText(/no network of this design is on this phone/)).toBeTruthy()
  expect(screen.queryByRole('button', { name: /^Save/ })).toBeNull()
})

it('explains a refusal with one action', async () => {
  vi.mocked(fetchExport).mockRejectedValue(
    new ApiProblem({ status: 404, title: 'Not found', detail: 'There is no run r1', problems: [] }, { fromServer: true }),
  )
  await show(listOf(exportableRun('r2'), exportableRun('r1', { checkpoints: [checkpoint('last', 5)] })), 'r1')
  await tap(/^Save/)
  expect(screen.getByRole('alert').textContent).toContain('This network was deleted on the server.')
  vi.mocked(listExports).mockResolvedValue(listOf(exportableRun('r2')))
  await tap(/^Reload the list$/)
  expect(chosen('Run')).toHaveLength(1)
  expect(screen.queryByRole('alert')).toBeNull()
  expect(saveFile).not.toHaveBeenCalled()
})

it('shares where the browser can share files', async () => {
  const share = vi.fn(async () => {})
  vi.stubGlobal('navigator', Object.assign(Object.create(navigator), { share, canShare: () => true }))
  vi.mocked(fetchExport).mockResolvedValue({
    file: new File(['x'], 'x.onnx'),
    exported: { checkpoint: 'best', steps: 573_440, note: undefined },
  })
  await show(listOf(exportableRun('r1')))
  await tap(/^Share$/)
  expect(share).toHaveBeenCalledOnce()
  expect(screen.getByRole('status', { name: 'File' }).textContent).toContain('Shared. It has the best network')
  vi.unstubAllGlobals()
})

it('opens with the list that was read a moment ago, while the newest one is read', async () => {
  vi.mocked(listExports).mockResolvedValue(listOf(exportableRun('r1')))
  await act(async () => prefetchExports('d1'))
  vi.mocked(listExports).mockReturnValue(new Promise(() => {}))
  render(<ExportSheet designId="d1" runId="r1" />)
  expect(screen.getByRole('button', { name: /^Save/ })).toBeTruthy()
})

it('tells runs of the same minute apart', async () => {
  await show(listOf(exportableRun('r2', { created_at: '2026-11-29T06:12:40Z' }), exportableRun('r1')))
  const names = within(group('Run'))
    .getAllByRole('radio')
    .map((radio) => radio.closest('label')?.querySelector('b')?.textContent)
  expect(new Set(names).size).toBe(2)
})
