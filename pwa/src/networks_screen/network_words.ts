/** The words for a kept network. */

import training from '../generated/training.json' with { type: 'json' }
import { checkpointNameOf } from '../networks/checkpoint_name'
import type { KeptNetwork } from '../networks/networks'
import { byteWords, exactly, roughly } from '../ui/numbers'
import { timeOrDay } from '../ui/times'

const CHECKPOINTS: Record<string, string> = { best: 'Best', last: 'Last' }

/** The bytes that a network takes on this phone. */
export const sizeOnPhone = ({ bytes, inspectBytes }: KeptNetwork): number => bytes + (inspectBytes ?? 0)

const termOf = (algorithm: string): string => training.algorithms.find(({ name }) => name === algorithm)?.term ?? algorithm

/** "Best, after 120k moves · PPO"; among `kept`, one that a later best or last network has replaced has its moves alone */
export function checkpointWords(network: KeptNetwork, kept: readonly KeptNetwork[]): string {
  const { steps, algorithm } = network
  const after = `${roughly(steps)} moves`
  const name = CHECKPOINTS[checkpointNameOf(network, kept)]
  return `${name ? `${name}, after ${after}` : `After ${after}`} · ${termOf(algorithm)}`
}

/** "Mean score 3.5k · largest tile 1,024 · 3 Nov"; the run's newest test games tell about its last network only */
export function resultWords({ checkpoint, score, evaluation, keptAt }: KeptNetwork): string {
  const own = checkpoint === 'last' ? evaluation : null
  const mean = score ?? own?.mean
  const tiles = Object.keys(own?.max_tile_frequency ?? {}).map(Number)
  return [
    mean === undefined ? 'No test games' : `Mean score ${roughly(mean)}`,
    tiles.length > 0 && `largest tile ${exactly(Math.max(...tiles))}`,
    timeOrDay(new Date(keptAt)),
  ]
    .filter(Boolean)
    .join(' · ')
}

/** "Tiny MLP, 1.2 MB" */
export const titleOf = (network: KeptNetwork): string => `${network.designName}, ${byteWords(sizeOnPhone(network))}`
