/** Prefetches the list of exports, so that the dialog opens with its content. */

import type { ExportList } from '../generated/wire'
import { listExports } from '../networks/networks'

/** A cached list of at most this age is shown while the newest one is read. */
const CACHE_MS = 60_000

/** longest time from the touch on the button until the dialog requests the list */
const TAP_MS = 2_000

let prefetched: { designId: string; list: Promise<ExportList>; at: number } | undefined
let cached: { designId: string; list: ExportList; at: number } | undefined

/** Request the list of a design, since the dialog may be opened next. */
export function prefetchExports(designId: string): void {
  const list = read(designId)
  prefetched = { designId, list, at: performance.now() }
  // an error is ignored: the dialog requests the list again and reports a failure
  list.catch(() => {})
}

/** The newest list, from the prefetch of the tap that opens the dialog or from a new request. Rejects with `ApiProblem`. */
export function readExports(designId: string): Promise<ExportList> {
  const early = prefetched?.designId === designId && performance.now() - prefetched.at <= TAP_MS ? prefetched.list : undefined
  prefetched = undefined
  return early ? early.catch(() => read(designId)) : read(designId)
}

/** The cached list, if it has networks of the run on the screen; without them another run would be preselected. */
export function cachedExports(designId: string, runId?: string): ExportList | undefined {
  if (cached?.designId !== designId || performance.now() - cached.at > CACHE_MS) return undefined
  const { list } = cached
  const isWanted = (id: string): boolean => runId === undefined || id === runId
  return list.runs.some((run) => isWanted(run.run_id) && run.checkpoints.length > 0) ? list : undefined
}

async function read(designId: string): Promise<ExportList> {
  const list = await listExports(designId)
  cached = { designId, list, at: performance.now() }
  return list
}
