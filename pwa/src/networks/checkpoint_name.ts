/** Which kept network of a run is still its best or its last one. */

import type { KeptNetwork } from '../storage/networks'

/**
 * What a kept network is called by: `best` and `last` only where none of the same run has this name from later in training,
 * among those kept and among `listed`, which are those of the server; else its number of moves.
 */
export function checkpointNameOf(
  { runId, checkpoint, steps }: KeptNetwork,
  kept: readonly KeptNetwork[],
  listed: readonly { checkpoint: string; steps: number }[] = [],
): string {
  const isReplaced = (other: { checkpoint: string; steps: number }): boolean =>
    other.checkpoint === checkpoint && other.steps > steps
  const replaced = kept.some((other) => other.runId === runId && isReplaced(other)) || listed.some(isReplaced)
  return replaced ? String(steps) : checkpoint
}
