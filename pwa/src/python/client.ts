/** Asks the Python worker: one call at a time, the newest of a kind wins, a hanging worker is replaced. It knows no rule. */
import { createStore } from 'zustand/vanilla'
import type { ConnectionVerdict, GeneratedSource, ValidationResult } from '../generated/wire'
import { AskQueue, type Port } from './queue'

interface PythonState {
  status: 'loading' | 'ready' | 'failed'
  detail?: string
}

export const pythonState = createStore<PythonState>(() => ({ status: 'loading' }))

function openWorker(): Port {
  return new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'python' })
}

const queue = new AskQueue(openWorker, (state) => pythonState.setState(state, true))

/** Start the worker now rather than at the first question. */
export function startPython(): void {
  queue.start()
}

/** The verdict on a design; an older unanswered call is aborted (`AbortError`). Rejects when Python cannot run. */
export function validate(designJson: string, signal?: AbortSignal): Promise<ValidationResult> {
  return queue.ask('validate', [designJson], signal)
}

/** The PyTorch text of a valid design. */
export function generate(designJson: string, signal?: AbortSignal): Promise<GeneratedSource> {
  return queue.ask('generate', [designJson], signal)
}

/** Whether an edge may be drawn from `source` to `target`, and why not. */
export function canConnect(designJson: string, source: string, target: string): Promise<ConnectionVerdict> {
  return queue.ask('can_connect', [designJson, source, target])
}
