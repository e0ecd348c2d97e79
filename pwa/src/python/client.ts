/** The functions of Python (`shared_py.pyodide_api`) that the page calls, in a worker; design rules are there alone. */
import { createStore } from 'zustand/vanilla'
import type {
  ConnectionCheck,
  DesignDifference,
  Forecast,
  GeneratedSource,
  Machine,
  ModelArchitecture,
  Placement,
  RecipeOffer,
  SweepPlan,
  SweepSpec,
  TrainConfig,
  ValidationResult,
} from '../generated/wire'
import type { PortOffer } from './protocol'
import { CallQueue, type Port, type WorkerState } from './queue'

export const pythonState = createStore<WorkerState>(() => ({ status: 'loading' }))

/** Gives a port to the worker that runs. */
export type OfferPort = (port: MessagePort) => void

let offerPort: OfferPort | undefined
const followers = new Set<(offer: OfferPort) => void>()

function openWorker(): Port {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'python' })
  const offer: OfferPort = (port) => worker.postMessage({ type: 'port', port } satisfies PortOffer, [port])
  offerPort = offer
  for (const follow of followers) follow(offer)
  return worker
}

const queue = new CallQueue(openWorker, (state) => pythonState.setState(state, true))

/** Start the worker now rather than at the first call: loading Python takes seconds. */
export function startPython(): void {
  queue.start()
}

/**
 * Call `follow` now and whenever another worker takes the place of the present one, which then answers on no port any more.
 * Returns a function that ends it.
 */
export function followPython(follow: (offer: OfferPort) => void): () => void {
  followers.add(follow)
  if (offerPort) follow(offerPort)
  startPython()
  return () => followers.delete(follow)
}

/** Start again at once after a start that failed, such as one whose download was interrupted. */
export function retryPython(): void {
  queue.retry()
}

/** Validate a design; an older call without an answer is aborted (`AbortError`). Rejects when Python cannot run. */
export function validate(designJson: string, signal?: AbortSignal): Promise<ValidationResult> {
  return queue.call('validate', [designJson], signal)
}

/** The PyTorch text of a valid design. */
export function generate(designJson: string, signal?: AbortSignal): Promise<GeneratedSource> {
  return queue.call('generate', [designJson], signal)
}

/** Whether an edge may be drawn from `source` to `target`, and why not. */
export function canConnect(designJson: string, source: string, target: string): Promise<ConnectionCheck> {
  return queue.call('can_connect', [designJson, source, target])
}

/** The best wiring for a component that is in the design without edges, near another one or on its edge to `target`. */
export function findPlace(designJson: string, id: string, near: string | null, target?: string): Promise<Placement> {
  return queue.call('find_place', [designJson, id, near ?? '', target ?? ''])
}

/** The types of blocks that fit around a component, on its edge to `target`, or with null anywhere, without a new problem. */
export function fittingBlocks(designJson: string, near: string | null, target?: string, signal?: AbortSignal): Promise<string[]> {
  return queue.call('fitting_blocks', [designJson, near ?? '', target ?? ''], signal)
}

/** What a run of a design would take with these settings on this machine. */
export function forecast(designJson: string, config: TrainConfig, machine: Machine | null): Promise<Forecast> {
  return queue.call('forecast', [designJson, JSON.stringify(config), JSON.stringify(machine)])
}

/** Settings to start a run of a design with on this machine, the shortest run first; last those for `ownMoves`, where given. */
export function recipes(
  designJson: string,
  algorithm: NonNullable<TrainConfig['algorithm']>,
  machine: Machine | null,
  ownMoves: number | undefined,
): Promise<RecipeOffer[]> {
  return queue.call('recipes', [designJson, algorithm, JSON.stringify(machine), JSON.stringify(ownMoves ?? null)])
}

/** The runs of a sweep of a design on this machine; a plan with a problem where it cannot be planned. */
export function planSweep(designJson: string, spec: SweepSpec, machine: Machine | null): Promise<SweepPlan> {
  return queue.call('plan_sweep', [designJson, JSON.stringify(spec), JSON.stringify(machine)])
}

/** The same design in the newest version of the schema. */
export function upgrade(designJson: string): Promise<ModelArchitecture> {
  return queue.call('upgrade', [designJson])
}

/** What differs between two versions of a design, with a summary. */
export function difference(beforeJson: string, afterJson: string): Promise<DesignDifference> {
  return queue.call('difference', [beforeJson, afterJson])
}
