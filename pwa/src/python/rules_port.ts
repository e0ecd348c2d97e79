/** Calls to the rules of the game over a port to the Python worker, beside the queue of `client.ts`. */
import type { GameRecord, GameState, PlayedMove, ValueUnit } from '../generated/wire'
import type { Reply, RulesCall } from './protocol'
import { PythonUnavailable } from './queue'

/** The part of a `MessagePort` that is used. */
export interface CallPort {
  postMessage(call: RulesCall): void
  close(): void
  onmessage: ((event: MessageEvent<Reply>) => void) | null
}

interface PendingCall extends RulesCall {
  resolve(value: unknown): void
  reject(reason: Error): void
}

/**
 * Sends calls at once and keeps those without an answer: the functions have no state, so that after a restart of Python the same
 * calls are sent to the new worker.
 */
export class RulesPort {
  private port: CallPort | undefined
  private ready = false
  private failure: string | undefined
  private lastId = 0
  private readonly pending = new Map<number, PendingCall>()
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly callMs = 10_000) {}

  /** Use this port from now on, also for the calls that have no answer yet. */
  connect(port: CallPort): void {
    this.port?.close()
    this.port = port
    this.ready = false
    this.failure = undefined
    this.disarm()
    port.onmessage = ({ data }) => this.receive(data)
    for (const call of this.pending.values()) this.send(call)
  }

  /** Python cannot run: reject all calls until another port is connected. */
  fail(detail: string): void {
    this.failure = detail
    this.disarm()
    const calls = [...this.pending.values()]
    this.pending.clear()
    for (const call of calls) call.reject(new PythonUnavailable(detail))
  }

  /** The starts of the games with these seeds. */
  newGames(seeds: readonly number[]): Promise<GameState[]> {
    return this.call('new_games', JSON.stringify(seeds))
  }

  /** Play one move in each of several games; rejects where a move is not legal. */
  playMoves(states: readonly GameState[], actions: readonly number[], withMotions: boolean): Promise<PlayedMove[]> {
    return this.call('play_moves', JSON.stringify(states), JSON.stringify(actions), JSON.stringify(withMotions))
  }

  /** The final state of a recorded game; rejects where the record does not follow the rules. */
  replayGame(record: GameRecord): Promise<GameState> {
    return this.call('replay_game', JSON.stringify(record))
  }

  /** The four boards right after each move of a board. */
  boardsAfter(board: readonly number[]): Promise<number[][]> {
    return this.call('boards_after', JSON.stringify(board))
  }

  /** The boards that a search looks at, in arrays as `shared_py/search_tree.py` describes them. */
  searchTree(boards: readonly (readonly number[])[], depth: number, reward: ValueUnit['reward']): Promise<ArrayBuffer> {
    return this.call('search_tree', JSON.stringify(boards), JSON.stringify(depth), JSON.stringify(reward))
  }

  private call<T>(kind: RulesCall['kind'], ...args: string[]): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.failure !== undefined) return reject(new PythonUnavailable(this.failure))
      const call: PendingCall = { id: ++this.lastId, kind, args, resolve: resolve as (value: unknown) => void, reject }
      this.pending.set(call.id, call)
      this.send(call)
      if (this.ready) this.arm()
    })
  }

  private send({ id, kind, args }: PendingCall): void {
    this.port?.postMessage({ id, kind, args })
  }

  private receive(reply: Reply): void {
    if (reply.type === 'ready') {
      this.ready = true
      if (this.pending.size > 0) this.arm()
    } else if (reply.type === 'failed') this.fail(reply.detail)
    else if (reply.type !== 'loading') this.finish(reply)
  }

  private finish(reply: Extract<Reply, { id: number }>): void {
    const call = this.pending.get(reply.id)
    if (!call) return
    this.pending.delete(reply.id)
    this.disarm()
    if (this.pending.size > 0) this.arm()
    if (reply.type === 'error') call.reject(new Error(reply.detail))
    else call.resolve(call.kind === 'search_tree' ? reply.bytes : JSON.parse(new TextDecoder().decode(reply.bytes)))
  }

  /** Each answer starts the time for the next one anew. */
  private arm(): void {
    this.timer ??= setTimeout(() => this.fail('Python stopped answering'), this.callMs)
  }

  private disarm(): void {
    clearTimeout(this.timer)
    this.timer = undefined
  }
}
