/** Writes, fetches and hands over one file at a time; it goes on when the dialog is closed. */

import { createStore } from 'zustand/vanilla'
import { type Exported, type ExportedFile, fetchExport } from '../api/export_file'
import { saveFile } from '../lib/save_file'
import { shareFile } from '../lib/share_file'
import { fileOf, networksStore } from '../networks/networks'
import { recordEvent } from '../telemetry/record'
import { showToast } from '../ui/toasts'
import { KeptFileLost, type Trouble, troubleOf } from './sentences'

export type Way = 'save' | 'share'

/** A file that a person asked for. */
export interface WantedFile {
  designId: string
  runId: string
  checkpoint: string
  steps: number
  fmt: string
  /** the kept network whose file it is; null where the server writes it */
  keptId: string | null
  /** its name where the phone has it */
  keptName: string
  onServer: boolean
}

export type Phase = 'idle' | 'writing' | 'downloading' | 'ready' | 'saved' | 'shared' | 'failed'

export interface Job {
  wanted: WantedFile | null
  phase: Phase
  way: Way
  /** bytes received of `total`, which is null where it is not known */
  done: number
  total: number | null
  exported: Exported | null
  /** a remark about the way the file was handed over */
  remark: string | null
  trouble: Trouble | null
}

const none: Job = {
  ...{ wanted: null, phase: 'idle', way: 'save', done: 0, total: null },
  ...{ exported: null, remark: null, trouble: null },
}

export const jobStore = createStore<Job>(() => none)

/** The file that was fetched last, so that it can also be shared or saved again. */
let held: (ExportedFile & { key: string }) | null = null
let controller: AbortController | undefined
/** types of files that the browser refused to share although it said that it could */
export const unshareable = new Set<string>()

const MAX_HELD_BYTES = 64e6

export const isBusy = ({ phase }: Job): boolean => phase === 'writing' || phase === 'downloading'

const keyOf = ({ runId, checkpoint, steps, fmt }: WantedFile): string => [runId, checkpoint, steps, fmt].join(' ')

export const isSameFile = (one: WantedFile | null, other: WantedFile): boolean => one !== null && keyOf(one) === keyOf(other)

/** Write or read the file and save or share it; nothing while another one is fetched. */
export async function exportFile(wanted: WantedFile, way: Way): Promise<void> {
  if (isBusy(jobStore.getState())) return
  if (held?.key === keyOf(wanted)) {
    jobStore.setState({ ...none, wanted, way, exported: held.exported }, true)
    return handOver(held, wanted, way)
  }
  const own = new AbortController()
  controller = own
  jobStore.setState({ ...none, wanted, way, phase: 'writing' }, true)
  try {
    const fetched = await fileFor(wanted, own.signal)
    held = fetched.file.size <= MAX_HELD_BYTES ? { key: keyOf(wanted), ...fetched } : null
    jobStore.setState({ exported: fetched.exported })
    await handOver(fetched, wanted, way)
  } catch (error) {
    if (own.signal.aborted) return jobStore.setState(none, true)
    jobStore.setState({ phase: 'failed', trouble: troubleOf(error) })
  }
  if (watchers === 0) announce(jobStore.getState())
}

let watchers = 0

/** Call while the dialog shows how the file ends; otherwise a toast does. Returns a function that stops this. */
export function watchExport(): () => void {
  watchers += 1
  return () => {
    watchers -= 1
  }
}

function announce({ phase, remark, trouble, wanted }: Job): void {
  if (trouble) showToast(`Export: ${trouble.text}`, { tone: 'bad' })
  else if (phase === 'ready') showToast(`The .${wanted?.fmt} file is ready. Open Export to share it.`)
  else if (phase === 'saved') showToast(remark ?? `Saved the .${wanted?.fmt} file`)
}

/** Stop writing or fetching the file; the server stops too. */
export function cancelExport(): void {
  controller?.abort()
}

/** Forget the last file and how it ended, unless one is being fetched or waits for a tap. */
export function dismissExport(): void {
  const job = jobStore.getState()
  if (isBusy(job) || job.phase === 'ready') return
  jobStore.setState(none, true)
  forgetFile()
}

/** Forget the file that is held in memory. */
export function forgetFile(): void {
  held = null
}

async function fileFor(wanted: WantedFile, signal: AbortSignal): Promise<ExportedFile> {
  const kept = wanted.keptId === null ? null : await keptFile(wanted.keptId)
  if (kept) {
    const { checkpoint, steps, keptName } = wanted
    const file = new File([kept], keptName, { type: 'application/octet-stream' })
    return { file, exported: { checkpoint, steps, note: undefined } }
  }
  if (!wanted.onServer) throw new KeptFileLost(networksStore.getState().trouble[wanted.keptId ?? ''])
  const onProgress = (done: number, total: number | null) => jobStore.setState({ phase: 'downloading', done, total })
  return fetchExport(wanted, { signal, onProgress })
}

/** The kept file; null where it is damaged or cannot be read, and then the server is asked. */
async function keptFile(id: string): Promise<ArrayBuffer | null> {
  try {
    return await fileOf(id, 'plain')
  } catch {
    return null
  }
}

async function handOver({ file, requestId }: ExportedFile, wanted: WantedFile, way: Way): Promise<void> {
  const after = await giveFile(file, wanted.fmt, way)
  jobStore.setState(after)
  if (after.phase !== 'saved' && after.phase !== 'shared') return
  const { designId, fmt } = wanted
  void recordEvent({ type: 'export', designId, fmt, ...(requestId !== undefined && { request_id: requestId }) })
}

/** Save or share the file; returns how that ended. */
async function giveFile(file: File, fmt: string, way: Way): Promise<Pick<Job, 'phase'> & Partial<Pick<Job, 'remark'>>> {
  if (way === 'save') {
    saveFile(file, file.name)
    return { phase: 'saved' }
  }
  const outcome = await shareFile(file)
  if (outcome === 'refused') {
    unshareable.add(fmt)
    saveFile(file, file.name)
    return { phase: 'saved', remark: `This browser does not share .${fmt} files, so it was saved.` }
  }
  const phase = { shared: 'shared', cancelled: 'idle', 'needs-tap': 'ready' } as const
  return { phase: phase[outcome] }
}
