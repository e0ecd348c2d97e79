/** Fetches a network to this phone: its ONNX, and the one for looking inside. */

import { ApiProblem } from '../api/problem'
import type { ExportableCheckpoint, ExportableRun, ExportFile } from '../generated/wire'
import { getDesign } from '../storage/designs'
import { findNetwork, type KeptNetwork, storeNetwork } from '../storage/networks'
import { type Downloaded, download, type OnBytes } from './download'
import { alone, type FileKind, removeFile, writeFile } from './files'
import { isFull, NetworkProblem, sentenceForNetwork } from './problem'
import { networksStore, without } from './store'

export interface KeepOptions {
  /** after everything that persons wait for; nothing is reported of it on the screen */
  background?: boolean
  /** a larger network is given up, in bytes */
  maxBytes?: number
}

export const networkId = (runId: string, steps: number): string => `${runId}-${steps}`

/** The ONNX files of a checkpoint: what the server says of the plain one, and of the one for looking inside. */
export function onnxFiles({ files }: ExportableCheckpoint): Partial<Record<FileKind, ExportFile>> {
  const find = (inspect: boolean) => files.find((file) => file.fmt === 'onnx' && file.inspect === inspect)
  const [plain, inspect] = [find(false), find(true)]
  return { ...(plain && { plain }), ...(inspect && { inspect }) }
}

/** The size of what is fetched of a network, in bytes; an estimate where the server has not written the files yet. */
export function sizeOf(run: ExportableRun, checkpoint: ExportableCheckpoint): number {
  const { plain, inspect } = onnxFiles(checkpoint)
  return (plain?.bytes ?? 0) + (run.inspectable ? (inspect?.bytes ?? plain?.bytes ?? 0) : 0)
}

interface Running {
  promise: Promise<KeptNetwork>
  background: boolean
  abort: AbortController
}

const running = new Map<string, Running>()

/**
 * Fetch a network, check it by its hash and keep it. One that is here already is not fetched again; a second call joins the
 * first, or takes the place of one in the background. Rejects with `NetworkProblem` and `ApiProblem` (`sentenceForNetwork`).
 */
export function keepNetwork(
  designId: string,
  run: ExportableRun,
  checkpoint: ExportableCheckpoint,
  { background = false, maxBytes = Number.POSITIVE_INFINITY }: KeepOptions = {},
): Promise<KeptNetwork> {
  const id = networkId(run.run_id, checkpoint.steps)
  const before = running.get(id)
  if (before && (background || !before.background)) return before.promise
  before?.abort.abort()
  const abort = new AbortController()
  const wish: Wish = { id, designId, run, checkpoint, background, maxBytes, signal: abort.signal }
  const promise = reported(wish).finally(() => {
    if (running.get(id)?.abort === abort) running.delete(id)
  })
  running.set(id, { promise, background, abort })
  return promise
}

/** Give up fetching a network; the call rejects with an `AbortError`, and a file that arrived whole stays. */
export function cancelKeeping(id: string): void {
  running.get(id)?.abort.abort()
  running.delete(id)
  networksStore.setState(({ fetching }) => ({ fetching: without(fetching, id) }))
}

interface Wish extends Required<KeepOptions> {
  id: string
  designId: string
  run: ExportableRun
  checkpoint: ExportableCheckpoint
  signal: AbortSignal
}

/** Keep a network with its progress and trouble in the store. */
async function reported(wish: Wish): Promise<KeptNetwork> {
  const { id, background, signal } = wish
  networksStore.setState(({ trouble }) => ({ trouble: without(trouble, id) }))
  try {
    return await keep(wish)
  } catch (error) {
    if (isFull(error)) networksStore.setState({ isFull: true })
    if (!background && !signal.aborted) setTrouble(id, error)
    throw error
  } finally {
    if (!signal.aborted) networksStore.setState(({ fetching }) => ({ fetching: without(fetching, id) }))
  }
}

const setTrouble = (id: string, error: unknown): void =>
  networksStore.setState(({ trouble }) => ({ trouble: { ...trouble, [id]: sentenceForNetwork(error) } }))

async function keep(wish: Wish): Promise<KeptNetwork> {
  const { id, run, checkpoint } = wish
  let before = await findNetwork(id)
  // a network that a person asks for is no longer removed for a newer one
  if (before?.automatic && !wish.background) before = await storeNetwork({ ...before, automatic: false })
  if (before && !before.valueUnit && run.value_unit) before = await storeNetwork({ ...before, valueUnit: run.value_unit })
  if (before && (before.inspectSha256 !== null || !run.inspectable)) return before
  const files = onnxFiles(checkpoint)
  const progress = progressOf(wish, before ? ['inspect'] : run.inspectable ? ['plain', 'inspect'] : ['plain'])
  const kept = before ?? (await keepFile(wish, 'plain', files.plain, progress, (plain) => rowOf(wish, files.plain, plain)))
  if (!run.inspectable) return kept
  try {
    return await keepFile(wish, 'inspect', files.inspect, progress, async (inspect) => ({
      ...kept,
      inspectBytes: inspect.bytes.byteLength,
      inspectSha256: inspect.sha256,
    }))
  } catch (error) {
    if (wish.signal.aborted) throw error
    // the plain network plays without it; 409: the server found nothing to look into
    if (!(error instanceof ApiProblem && error.status === 409)) setTrouble(id, error)
    if (isFull(error)) networksStore.setState({ isFull: true })
    return kept
  }
}

/** Download one file, and store it with the row that describes it; neither stays where the other cannot be stored. */
async function keepFile(
  { id, designId, run, checkpoint, background, maxBytes, signal }: Wish,
  kind: FileKind,
  file: ExportFile | undefined,
  progress: (kind: FileKind) => OnBytes,
  row: (file: Downloaded) => Promise<Omit<KeptNetwork, 'order'>>,
): Promise<KeptNetwork> {
  const about = { designId, runId: run.run_id, checkpoint: checkpoint.checkpoint, steps: checkpoint.steps }
  const wanted = { ...about, kind, sha256: file?.sha256 ?? null, background, maxBytes }
  const downloaded = await download(wanted, progress(kind), signal)
  return alone(async () => {
    try {
      await writeFile(id, kind, downloaded.bytes)
      const stored = await storeNetwork(await row(downloaded))
      networksStore.setState({ isFull: false })
      return stored
    } catch (error) {
      await removeFile(id, kind).catch(() => {})
      throw isFull(error) ? new NetworkProblem('full', { cause: error }) : error
    }
  })
}

async function rowOf(wish: Wish, file: ExportFile | undefined, plain: Downloaded): Promise<Omit<KeptNetwork, 'order'>> {
  const { id, designId, run, checkpoint, background } = wish
  return {
    ...{ id, designId, runId: run.run_id, checkpoint: checkpoint.checkpoint, steps: checkpoint.steps },
    designName: (await getDesign(designId))?.work.name ?? 'Design',
    designHash: run.design_hash,
    algorithm: run.algorithm,
    valueUnit: run.value_unit ?? null,
    score: checkpoint.score,
    evaluation: run.evaluation,
    parameters: run.parameters,
    trainSeconds: run.train_seconds,
    bytes: plain.bytes.byteLength,
    sha256: plain.sha256,
    inspectBytes: null,
    inspectSha256: null,
    keptAt: new Date().toISOString(),
    largestDifference: file?.largest_difference ?? null,
    checkedBoards: file?.checked_boards ?? null,
    automatic: background,
  }
}

/** Progress over all files of a network, in the store; in the sizes of the list until the responses tell theirs. */
function progressOf({ id, checkpoint, signal }: Wish, kinds: readonly FileKind[]): (kind: FileKind) => OnBytes {
  const listed = onnxFiles(checkpoint)
  const totals = new Map(kinds.map((kind) => [kind, listed[kind]?.bytes ?? listed.plain?.bytes ?? 0]))
  const dones = new Map<FileKind, number>()
  const sum = (values: Iterable<number>): number => [...values].reduce((all, one) => all + one, 0)
  const show = (): void => {
    const counted = { done: sum(dones.values()), total: sum(totals.values()) }
    if (!signal.aborted) networksStore.setState(({ fetching }) => ({ fetching: { ...fetching, [id]: counted } }))
  }
  show()
  return (kind) => (done, total) => {
    if (total !== undefined) totals.set(kind, total)
    dones.set(kind, done)
    totals.set(kind, Math.max(totals.get(kind) ?? 0, done))
    show()
  }
}
