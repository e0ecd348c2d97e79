/** The networks of a design to choose from: those on the phone, and those that the server has, by run. */

import type { ExportList } from '../generated/wire'
import { type KeptNetwork, networkId, sizeOf } from '../networks/networks'
import { namesOf, type RunNames } from '../runs/run_names'
import type { Offer } from './chosen_network'
import { checkpointWords, isWritten, keptWords } from './network_words'

export interface NetworkRow {
  id: string
  /** "Best", "Last" or the number of moves; both where one network is both */
  title: string
  steps: number
  /** share of the training of its run, where that is known */
  trained: number | null
  score: number | null
  /** bytes on the phone, or to fetch */
  bytes: number
  /** whether `bytes` is an estimate, for files that the server has not written yet */
  isAbout: boolean
  kept: boolean
  /** how to fetch it; null for one that only the phone has */
  offer: Offer | null
}

export interface RunRows extends RunNames {
  runId: string
  algorithm: string
  /** when the run was created, or where only the phone knows of it, when its newest network was kept */
  at: string
  /** null where the server could not be asked */
  isOnServer: boolean | null
  designHash: string
  rows: NetworkRow[]
}

/**
 * The runs of a design, those of the server first and the newest first, then those that only the phone has networks of. Whether
 * the server still has these is known only where it was `asked` now.
 */
export function runRows(list: ExportList | null, kept: readonly KeptNetwork[], asked: boolean): RunRows[] {
  const runs = (list?.runs ?? []).map((run): RunRows => {
    const rows = run.checkpoints.map((checkpoint): NetworkRow => {
      const { steps, score } = checkpoint
      const mine = kept.find(({ id }) => id === networkId(run.run_id, steps))
      return {
        ...{ id: networkId(run.run_id, steps), title: checkpointWords(checkpoint), steps, score },
        trained: run.total_steps > 0 ? Math.min(1, steps / run.total_steps) : null,
        bytes: mine ? bytesOf(mine) : sizeOf(run, checkpoint),
        isAbout: mine === undefined && !isWritten(checkpoint),
        kept: mine !== undefined,
        offer: { run, checkpoint },
      }
    })
    const only = kept.filter(({ id, runId }) => runId === run.run_id && !rows.some((row) => row.id === id))
    return {
      ...namesOf(run.run_id, run),
      ...{ runId: run.run_id, algorithm: run.algorithm, at: run.created_at, isOnServer: true, designHash: run.design_hash },
      rows: withoutRepeats([...rows, ...only.map((network) => keptRow(network, kept, list))]),
    }
  })
  const others = kept.filter(({ runId }) => !runs.some((run) => run.runId === runId))
  const runIds = [...new Set(others.map(({ runId }) => runId))]
  const isOnServer = list !== null && asked ? false : null
  return [
    ...runs,
    ...runIds.map((runId) =>
      runOfPhone(
        others.filter((each) => each.runId === runId),
        isOnServer,
      ),
    ),
  ]
}

function runOfPhone(kept: readonly KeptNetwork[], isOnServer: RunRows['isOnServer']): RunRows {
  const { runId, algorithm, keptAt, designHash } = kept[0] as KeptNetwork
  const rows = kept.map((network) => keptRow(network, kept, null))
  return { ...namesOf(runId), runId, algorithm, at: keptAt, isOnServer, designHash, rows }
}

const keptRow = (network: KeptNetwork, kept: readonly KeptNetwork[], list: ExportList | null): NetworkRow => ({
  ...{ id: network.id, title: keptWords(network, kept, list), steps: network.steps, trained: null, score: network.score },
  ...{ bytes: bytesOf(network), isAbout: false, kept: true, offer: null },
})

/** The bytes of both files of a network. */
export const bytesOf = ({ bytes, inspectBytes }: KeptNetwork): number => bytes + (inspectBytes ?? 0)

/** One row for each network: the best one may also be the last. */
function withoutRepeats(rows: readonly NetworkRow[]): NetworkRow[] {
  const byId = new Map<string, NetworkRow>()
  for (const row of rows) {
    const before = byId.get(row.id)
    if (!before) byId.set(row.id, row)
    else if (row.title === 'Last') byId.set(row.id, { ...before, title: `${before.title} and last` })
  }
  return [...byId.values()]
}
