/** A network in onnxruntime: from boards to outputs, with experts switched on and off. */
import type * as Ort from 'onnxruntime-web/wasm'
import type { ValueUnit } from '../generated/wire'
import type { NetworkFile } from './messages'
import { hasSimd, PlayerError } from './problems'
import { FIRST_SLICE } from './search'
import type { Outputs, Values } from './thought'
import type { EnabledExperts, LoadedNetwork } from './types'

export type Runtime = Pick<typeof Ort, 'InferenceSession' | 'Tensor'>

const CELLS = 16
const ROUTING = 'routing/'
const ATTENTION = 'attention/'
const EXPERTS = 'experts_enabled/'
const PLAIN_OUTPUTS = ['logits', 'value']
const VALUE_ALONE = ['value']
/** shown to a network when it is loaded, so that the first move is as quick as the others */
const FIRST_BOARD = [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
/** weight of the newest measurement in the latency */
const NEWEST = 0.1

export class Network {
  readonly info: LoadedNetwork
  readonly valueUnit: ValueUnit | null
  /** as many leaves of a search are valued without a break */
  readonly slice = { leaves: FIRST_SLICE }
  /** time for one board, smoothed, in milliseconds */
  latencyMs: number | null = null
  /** a session runs one batch at a time */
  private turn: Promise<unknown> = Promise.resolve()

  private constructor(
    private readonly runtime: Runtime,
    private readonly session: Ort.InferenceSession,
    file: NetworkFile,
    readonly enabled: EnabledExperts,
  ) {
    const { id, valuesAfterstates, valueUnit } = file
    this.valueUnit = valueUnit
    this.info = { id, routers: [], attentions: [], valuesAfterstates, inspected: false, searches: valueUnit !== null }
  }

  /** Load a file; rejects with an error that `problemOf` reads. */
  static async open(runtime: Runtime, file: NetworkFile): Promise<Network> {
    if (!hasSimd()) throw new PlayerError('no-simd')
    const options = { executionProviders: ['wasm'], graphOptimizationLevel: 'all' } as const
    const session = await runtime.InferenceSession.create(new Uint8Array(file.bytes), options)
    try {
      const network = new Network(runtime, session, file, expertsOf(session))
      network.read(await network.run([FIRST_BOARD]))
      return network
    } catch (error) {
      await session.release()
      throw error
    }
  }

  /** Find in the outputs of a board which parts can be looked into. */
  private read(outputs: Outputs): void {
    const found = (prefix: string) =>
      this.session.outputNames
        .filter((name) => name.startsWith(prefix))
        .map((name) => ({ path: name.slice(prefix.length), dims: outputs[name]?.dims ?? [] }))
    const routers = found(ROUTING)
    const attentions = found(ATTENTION)
    this.info.routers = routers.map(({ path, dims }) => ({
      ...{ path, experts: dims.at(-1) ?? 0 },
      ...(dims.at(-2) === 1 && { wholeBoards: true as const }),
    }))
    this.info.attentions = attentions.map(({ path, dims }) => ({ path, heads: dims.at(-3) ?? 0 }))
    this.info.inspected = routers.length + attentions.length > 0
    // an axis of moves comes after that of the batch
    if (this.info.inspected) this.info.valuesAfterstates = routers[0]?.dims.length === 4 || attentions[0]?.dims.length === 5
    for (const { path, experts } of this.info.routers) this.enabled[path] ??= new Array(experts).fill(true)
  }

  /** Whether an expert is switched off. */
  get expertsOff(): boolean {
    return Object.values(this.enabled).some((experts) => experts.includes(false))
  }

  /** Switch the experts of a mixture on and off; throws a sentence where that is not possible. */
  setExperts(path: string, enabled: readonly boolean[]): void {
    if (enabled.length === 0 || enabled.length !== this.enabled[path]?.length)
      throw new Error('This network has no such experts.')
    if (!this.session.inputNames.includes(EXPERTS + path)) throw new Error('These experts cannot be switched off.')
    if (!enabled.includes(true)) throw new Error('At least one expert has to stay on: without any, this layer has no output.')
    this.enabled[path] = [...enabled]
  }

  /** The outputs for boards of tile exponents; with `plain` only logits and value. */
  run(boards: readonly (readonly number[])[], plain = false): Promise<Outputs> {
    return this.inTurn(() => this.runNow(Uint8Array.from(boards.flat()), plain ? PLAIN_OUTPUTS : this.session.outputNames))
  }

  /** The values of boards of 16 cells, one after the other. */
  async values(cells: Uint8Array): Promise<Float32Array> {
    const outputs = await this.inTurn(() => this.runNow(cells, VALUE_ALONE))
    return (outputs.value as Values).data
  }

  private inTurn(work: () => Promise<Outputs>): Promise<Outputs> {
    const outputs = this.turn.then(work)
    this.turn = outputs.catch(() => {})
    return outputs
  }

  private async runNow(cells: Uint8Array, names: readonly string[]): Promise<Outputs> {
    const start = performance.now()
    const count = cells.length / CELLS
    const feeds: Record<string, Ort.Tensor> = { board: new this.runtime.Tensor('int64', int64(cells), [count, CELLS]) }
    for (const [path, enabled] of Object.entries(this.enabled)) {
      const name = EXPERTS + path
      if (this.session.inputNames.includes(name))
        feeds[name] = new this.runtime.Tensor('bool', Uint8Array.from(enabled, Number), [enabled.length])
    }
    const outputs = await this.session.run(feeds, names)
    if (count === 1) this.measured(performance.now() - start)
    return outputs as unknown as Outputs
  }

  private measured(ms: number): void {
    this.latencyMs = this.latencyMs === null ? ms : this.latencyMs + NEWEST * (ms - this.latencyMs)
  }

  /** Free the memory of the session, after the batch that runs. */
  async release(): Promise<void> {
    const last = this.turn
    this.turn = Promise.reject(new Error('the network was unloaded'))
    this.turn.catch(() => {})
    await last
    await this.session.release()
  }
}

/** All experts that a file lets be switched off, all of them on; throws where the file is no network of this app. */
function expertsOf(session: Ort.InferenceSession): EnabledExperts {
  if (!session.inputNames.includes('board') || !PLAIN_OUTPUTS.every((name) => session.outputNames.includes(name)))
    throw new PlayerError('damaged')
  const masks = session.inputMetadata.filter(({ name }) => name.startsWith(EXPERTS))
  return Object.fromEntries(
    masks.map((mask) => {
      const experts = mask.isTensor ? mask.shape[0] : undefined
      if (typeof experts !== 'number') throw new PlayerError('damaged')
      return [mask.name.slice(EXPERTS.length), new Array<boolean>(experts).fill(true)]
    }),
  )
}

/** Cells as little-endian int64; WebAssembly is little-endian everywhere. */
function int64(cells: Uint8Array): BigInt64Array {
  const halves = new Int32Array(cells.length * 2)
  for (let cell = 0; cell < cells.length; cell++) halves[2 * cell] = cells[cell] as number
  return new BigInt64Array(halves.buffer)
}
