/** Words for the networks of a run. */

import type { ExportableCheckpoint, ExportList } from '../generated/wire'
import { checkpointNameOf } from '../networks/checkpoint_name'
import type { KeptNetwork } from '../networks/networks'
import { exactly } from '../ui/numbers'

/** "Best", "Last" or "10,240 moves" */
export function checkpointWords({ checkpoint, steps }: { checkpoint: string; steps: number }): string {
  if (checkpoint === 'best') return 'Best'
  return checkpoint === 'last' ? 'Last' : `${exactly(steps)} moves`
}

/** The same of a kept network; a best or last one that a later one has replaced is named by its moves. */
export function keptWords(network: KeptNetwork, kept: readonly KeptNetwork[], list: ExportList | null): string {
  const listed = list?.runs.find(({ run_id }) => run_id === network.runId)?.checkpoints
  return checkpointWords({ ...network, checkpoint: checkpointNameOf(network, kept, listed) })
}

/** Whether the server has written the files of a network, so that their sizes are no estimates. */
export const isWritten = ({ files }: ExportableCheckpoint): boolean =>
  files.filter(({ fmt }) => fmt === 'onnx').every((file) => file.is_exact)
