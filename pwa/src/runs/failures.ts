/** Why a run ended by an error, in plain language, and the one thing to do about it. */

import type { Run, TrainConfig } from '../generated/wire'
import { exactly } from '../ui/numbers'
import { upperFirst } from '../ui/words'

/** Continue the run, or train anew with other settings. */
export type Remedy = { how: 'continue' } | { how: 'train'; changes: TrainConfig }

export interface Failure {
  words: string
  remedy: Remedy
  /** the words of its button */
  label: string
}

type Kind = NonNullable<Run['failure']>

const WORDS: Record<Kind, string> = {
  out_of_memory: 'The run needed more memory than it may take. With fewer boards at once it needs less.',
  killed: 'The training process was stopped by the system, probably because memory ran out.',
  crashed: 'The training process crashed, by a fault in a library or because the disk is full.',
  disk_full: 'The disk of the machine that trains is full. Free some space there first.',
  diverged: 'The training diverged: its numbers grew beyond all bounds. A smaller learning rate usually helps.',
  damaged_checkpoint: 'Every stored state of this run is damaged, so it cannot continue.',
  compiler: 'The server could not compile the network with torch.compile.',
  files_missing: 'The files of this run are missing on the server.',
  files_unusable: 'The server may not use the files of this run. Make them its own and restart it first.',
  not_started: 'The training process could not be started.',
  unknown_trainer: 'This run needs a trainer that the server does not have at present.',
  interrupted: 'The training process ended together with the server, or the machine was restarted.',
  unresponsive: 'The run did not respond to Stop and was ended by force.',
  unkillable: 'Its process does not end, as when a disk or a device hangs. Restart the server’s machine if it stays so.',
  error: 'The training failed by an error that has no plainer words.',
}

/** The failure of a run; undefined where it did not fail. Servers of older versions do not tell its kind. */
export function failureOf(run: Run): Failure | undefined {
  const kind = run.failure ?? kindOf(run)
  if (kind === undefined) return undefined
  const remedy = remedyOf(kind, run)
  return { words: WORDS[kind], remedy, label: labelOf(remedy, run) }
}

function kindOf({ status }: Run): Kind | undefined {
  if (status === 'interrupted') return 'interrupted'
  return status === 'failed' ? 'error' : undefined
}

function remedyOf(kind: Kind, { config }: Run): Remedy {
  const half = (name: keyof TrainConfig): number => Number(config[name] ?? 0) / 2
  switch (kind) {
    case 'out_of_memory':
      return { how: 'train', changes: { microbatch_size: Math.max(1, Math.floor(half('microbatch_size'))) } }
    case 'diverged':
      return {
        how: 'train',
        changes: { learning_rate: half('learning_rate'), final_learning_rate: half('final_learning_rate') },
      }
    case 'compiler':
      return { how: 'train', changes: { compile: 'never' } }
    case 'damaged_checkpoint':
    case 'files_missing':
      return { how: 'train', changes: {} }
    default:
      return { how: 'continue' }
  }
}

function labelOf(remedy: Remedy, run: Run): string {
  if (remedy.how === 'continue') return continueWords(run)
  const { microbatch_size, learning_rate, compile } = remedy.changes
  if (microbatch_size !== undefined) return `Train again with ${exactly(microbatch_size)} boards at once`
  if (learning_rate !== undefined) return `Train again with half the learning rate`
  return compile === undefined ? 'Train again' : 'Train again without compiling'
}

/** "Continue from 10,240 moves", as far as the server tells. */
export function continueWords({ saved_steps }: Run): string {
  if (saved_steps === undefined) return 'Continue'
  return saved_steps === null ? 'Start it again' : `Continue from ${exactly(saved_steps)} moves`
}

/** What the server itself says of the end of a run, as a sentence. */
export const reasonOf = ({ reason }: Pick<Run, 'reason'>): string | undefined =>
  reason ? upperFirst(reason).replace(/[^.!?]$/, '$&.') : undefined
