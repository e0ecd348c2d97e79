/** The server's list of what can be exported, read before the dialog opens, so that it opens with its content. */

import type { ExportList } from '../generated/wire'
import { listExports } from '../networks/networks'

/** A list from before is shown while the newest one is read, unless it is older. */
const KNOWN_MS = 60_000

/** from a touch on the button until the dialog asks */
const TAP_MS = 2_000

let asked: { designId: string; list: Promise<ExportList>; at: number } | undefined
let known: { designId: string; list: ExportList; at: number } | undefined

/** Read the list of a design, because a person may open the dialog next. */
export function askEarly(designId: string): void {
  const list = read(designId)
  asked = { designId, list, at: performance.now() }
  // where it cannot be read, the dialog tries again and says so
  list.catch(() => {})
}

/** The newest list, which may have been asked for by the tap that opens the dialog. Rejects with `ApiProblem`. */
export function takeExports(designId: string): Promise<ExportList> {
  const early = asked?.designId === designId && performance.now() - asked.at <= TAP_MS ? asked.list : undefined
  asked = undefined
  return early ? early.catch(() => read(designId)) : read(designId)
}

/** The list that was read a moment ago, where it has networks: of the run on the screen, or else another run would be chosen. */
export function knownExports(designId: string, runId?: string): ExportList | undefined {
  if (known?.designId !== designId || performance.now() - known.at > KNOWN_MS) return undefined
  const { list } = known
  const isWanted = (id: string): boolean => runId === undefined || id === runId
  return list.runs.some((run) => isWanted(run.run_id) && run.checkpoints.length > 0) ? list : undefined
}

async function read(designId: string): Promise<ExportList> {
  const list = await listExports(designId)
  known = { designId, list, at: performance.now() }
  return list
}
