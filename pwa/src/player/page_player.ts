/** The page's side of the player: stores of what is shown, and orders to the worker, which is started with the first network. */
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { GameRecord, GameState, PlayedMove, ValueUnit } from '../generated/wire'
import type { OfferPort } from '../python/client'
import { RulesPort } from '../python/rules_port'
import type { BoardLook } from './board_painter'
import { Connection, type Notice, OrderFailed, type PlayerPort } from './connection'
import type { GameName, GameOrder, KeptGame, NetworkFile, Order, Shown } from './messages'
import { PlayerError, problem, problemOf } from './problems'
import type { SearchDepth, Speed, TestState, Thought, WatchState } from './types'
import { type EnabledExperts, type LoadedNetwork, noGame, noPlayer, noTest, type PlayerState, type Problem } from './types'
import { withChanges } from './with_changes'

/** What the player needs of its surroundings. */
export interface Surroundings {
  openWorker(): PlayerPort
  /** The file of a kept network, null where it is not on the phone; rejects with an error that `problemOf` reads. */
  fileOf(id: string, kind: 'plain' | 'inspect'): Promise<ArrayBuffer | null>
  /** Why `fileOf` gave null, where it is known. */
  whyMissing(id: string): Problem | undefined
  /** Whether a network was trained to value the boards after moves. */
  valuesAfterstates(id: string): Promise<boolean>
  /** What the values of a network are made of; null where it is not known. */
  valueUnit(id: string): Promise<ValueUnit | null>
  /** Calls `follow` for the Python worker that runs and for each one that takes its place. */
  followPython(follow: (offer: OfferPort) => void): void
  /** Calls `failed` whenever Python cannot run, and `ready` whenever it runs again. */
  watchPython(failed: (detail: string) => void, ready: () => void): void
  /** Runs `draw` before the next frame. */
  nextFrame(draw: () => void): void
  /** a seed for a new game */
  randomSeed(): number
}

/** Orders for a game that the network plays; each resolves when it is done. */
export interface GameControls {
  /** Start the game with this seed, or with a random one, paused at its first position. */
  start(seed?: number): Promise<void>
  /** Start another game; it plays with `plays`, or if the present one does. */
  newGame(seed?: number, plays?: boolean): Promise<void>
  play(): Promise<void>
  pause(): Promise<void>
  /** Pause, and play one move of the network from the shown position. */
  step(): Promise<void>
  stepBack(): Promise<void>
  setSpeed(speed: Speed): Promise<void>
  /** Pause, and show the position with this number of moves. */
  goTo(index: number): Promise<void>
  /** Show routing and attention of the board after this move; null for the move that the network prefers. */
  showMove(action: number | null): Promise<void>
}

const ABSENT: Problem = { reason: 'damaged', text: 'The file of this network is not on this phone.' }

const GAMES: readonly GameName[] = ['watch', 'race']

export class Player {
  readonly state: StoreApi<PlayerState> = createStore<PlayerState>(() => noPlayer)
  readonly watchState: StoreApi<WatchState> = createStore<WatchState>(() => noGame)
  readonly raceState: StoreApi<WatchState> = createStore<WatchState>(() => noGame)
  readonly testState: StoreApi<TestState> = createStore<TestState>(() => noTest)
  readonly watch: GameControls
  readonly race: GameControls
  private readonly stores: Record<GameName, StoreApi<WatchState>> = { watch: this.watchState, race: this.raceState }
  readonly rules = new RulesPort()
  private connection: Connection | undefined
  private offer: OfferPort | undefined
  private hidden = false
  private depth: SearchDepth = 0
  /** increases with every load and unload, so that an older load ends without effect */
  private loads = 0
  /** the load that restores the games, while it does */
  private resuming = 0
  private mayRestart = false
  private followsPython = false
  private painted: (() => void) | undefined

  constructor(private readonly around: Surroundings) {
    this.watch = this.controls('watch')
    this.race = this.controls('race')
  }

  /** Load a kept network, with its inspection outputs where it has them; rejects with an error that has a sentence. */
  async loadNetwork(id: string): Promise<LoadedNetwork> {
    this.mayRestart = true
    const { status, network, enabled } = this.state.getState()
    // what it played before it failed goes on
    return status === 'failed' && network?.id === id ? this.load(id, enabled, true) : this.load(id, {}, false)
  }

  /** Start the worker and Python, so that the first network is loaded sooner; does nothing while the worker runs. */
  prepare(): void {
    this.startPython()
    this.open()
  }

  /** End the worker, which frees its memory. */
  unload(): void {
    this.loads += 1
    this.close()
    this.state.setState(noPlayer, true)
    this.clearGames()
  }

  /** Switch the experts of a mixture on and off; rejects with a sentence where that is not possible. */
  async setExperts(path: string, enabled: boolean[]): Promise<void> {
    await this.order({ type: 'experts', path, enabled })
    this.state.setState(({ enabled: before }) => ({ enabled: { ...before, [path]: [...enabled] } }))
  }

  /** The network's thought about a position; `move` as in `GameControls.showMove`. */
  async think(state: GameState, move?: number): Promise<Thought> {
    return (await this.order({ type: 'think', state, move: move ?? null })) as Thought
  }

  /** Play test games with the seeds from `firstSeed` on; resolves when all are over or `stopTest` was called. */
  async startTest(games: number, firstSeed = this.around.randomSeed()): Promise<void> {
    const { network, enabled } = this.state.getState()
    if (!network) throw new Error('No network is loaded.')
    const { connection } = this
    const whole = Object.values(enabled).every((experts) => !experts.includes(false))
    const plain = network.inspected && whole ? await this.around.fileOf(network.id, 'plain') : null
    if (connection !== this.connection) throw new Error('Another network was chosen.')
    await this.order({ type: 'test', games, firstSeed, plain }, plain ? [plain] : [])
  }

  async stopTest(): Promise<void> {
    if (this.connection) await this.order({ type: 'stop-test' })
  }

  /** The page is hidden: games and tests wait until it is shown again. */
  setHidden(hidden: boolean): void {
    this.hidden = hidden
    this.connection?.send({ type: 'hidden', hidden })
  }

  /** Look so far ahead from now on, with every network that can search. */
  setSearch(depth: SearchDepth): void {
    if (depth === this.depth) return
    this.depth = depth
    this.connection?.send({ type: 'search', depth })
  }

  /** The rules of the game, for the page itself; Python is started where it does not run yet. */
  async newGame(seed: number): Promise<GameState> {
    this.startPython()
    return first(await this.rules.newGames([seed]))
  }

  async playMove(state: GameState, action: number): Promise<PlayedMove> {
    this.startPython()
    return first(await this.rules.playMoves([state], [action], true))
  }

  replay(record: GameRecord): Promise<GameState> {
    this.startPython()
    return this.rules.replayGame(record)
  }

  boardsAfter(board: readonly number[]): Promise<number[][]> {
    this.startPython()
    return this.rules.boardsAfter(board)
  }

  /** Let the worker draw the watched game on a canvas, which stays empty without one; `painted` is called after the first board. */
  paint(canvas: OffscreenCanvas, look: BoardLook, painted: () => void): void {
    this.painted = painted
    this.connection?.send({ type: 'canvas', canvas, look }, [canvas])
  }

  /** Draw in another size, in other colours, or with another overlay. */
  setLook(look: BoardLook): void {
    this.connection?.send({ type: 'look', look })
  }

  endPainting(): void {
    this.painted = undefined
    this.connection?.send({ type: 'canvas', canvas: null })
  }

  /** Load a network with these experts; `resumes`: its games go on where they were. */
  private async load(id: string, experts: EnabledExperts, resumes: boolean): Promise<LoadedNetwork> {
    const load = ++this.loads
    this.state.setState({ status: 'loading', problem: null, network: null, enabled: {} })
    const kept = resumes ? this.keptGames() : undefined
    if (kept) this.resuming = load
    else this.clearGames()
    try {
      this.prepare()
      const file = await this.fileOf(id)
      this.stopUnless(load)
      const order = { type: 'load', file, enabled: experts } as const
      const network = (await this.open().order(order, [file.bytes])) as LoadedNetwork
      this.stopUnless(load)
      if (kept) await this.restoreGames(kept)
      this.stopUnless(load)
      this.state.setState({ status: 'ready', problem: null, network, enabled: { ...allOn(network), ...experts } })
      return network
    } catch (error) {
      if (load === this.loads) this.fail(problemOf(error))
      throw error
    } finally {
      if (this.resuming === load) this.resuming = 0
    }
  }

  private stopUnless(load: number): void {
    if (load !== this.loads) throw new Error('Another network was chosen.')
  }

  private async fileOf(id: string): Promise<NetworkFile> {
    const inspected = await this.around.fileOf(id, 'inspect')
    const bytes = inspected ?? (await this.around.fileOf(id, 'plain'))
    if (!bytes) {
      const { reason, text } = this.around.whyMissing(id) ?? ABSENT
      throw new PlayerError(reason, text)
    }
    const valuesAfterstates = await this.around.valuesAfterstates(id)
    return { id, bytes, inspected: inspected !== null, valuesAfterstates, valueUnit: await this.around.valueUnit(id) }
  }

  private controls(game: GameName): GameControls {
    const order = async (order: GameOrder): Promise<void> => {
      await this.order({ type: 'game', game, order })
    }
    const start = (seed = this.around.randomSeed(), plays = false) => order({ do: 'start', seed, plays })
    return {
      newGame: start,
      start: async (seed) => {
        await order({ do: 'pause' })
        await start(seed)
      },
      play: () => order({ do: 'play' }),
      pause: () => order({ do: 'pause' }),
      step: () => order({ do: 'step' }),
      stepBack: () => order({ do: 'back' }),
      setSpeed: (speed) => order({ do: 'speed', speed }),
      goTo: (index) => order({ do: 'go', index }),
      showMove: (action) => order({ do: 'show', action }),
    }
  }

  /** Send an order; what the network or the rules cannot continue after is shown as the player's problem. */
  private async order(order: Order, transfer: Transferable[] = []): Promise<unknown> {
    const { connection } = this
    if (!connection) throw new Error('No network is loaded.')
    try {
      return await connection.order(order, transfer)
    } catch (error) {
      if (error instanceof OrderFailed && connection === this.connection) this.show(error.problem)
      throw error
    }
  }

  private open(): Connection {
    if (this.connection) return this.connection
    const port = this.around.openWorker()
    const connection = new Connection(
      port,
      (notice) => this.notice(connection, notice),
      (text) => void this.died(text),
    )
    this.connection = connection
    connection.send({ type: 'hidden', hidden: this.hidden })
    connection.send({ type: 'search', depth: this.depth })
    if (this.offer) this.connectRules(this.offer, connection)
    return connection
  }

  private close(): void {
    this.connection?.close()
    this.connection = undefined
  }

  private notice(connection: Connection, notice: Notice): void {
    if (notice.type === 'problem') {
      this.show(notice.problem)
      return
    }
    if (notice.type === 'painted') {
      this.painted?.()
      return
    }
    // the worker ends its games before it restores them, and the page shows them all the time
    const { watch: _watch, race: _race, ...others } = notice.shown
    const shown = this.resuming === this.loads ? others : notice.shown
    this.around.nextFrame(() => {
      if (connection !== this.connection) return
      this.apply(shown)
      connection.send({ type: 'applied' })
    })
  }

  private apply({ watch, race, test, latencyMs }: Shown): void {
    if (watch) this.watchState.setState((before) => withChanges(before, watch), true)
    if (race) this.raceState.setState((before) => withChanges(before, race), true)
    if (test) this.testState.setState(test, true)
    if (latencyMs !== undefined) this.state.setState({ latencyMs })
  }

  /** Start a worker that died again, once for every network that a person chooses, and go on where it was. */
  private async died(text: string): Promise<void> {
    this.connection = undefined
    // a load that was in progress has nothing to say any more
    this.loads += 1
    const { network, enabled } = this.state.getState()
    if (!text) return this.fail(problem('no-runtime'))
    if (!this.mayRestart || !network) return this.fail(problemOf(new Error(text)))
    this.mayRestart = false
    const playing = GAMES.filter((game) => this.stores[game].getState().playing)
    try {
      await this.load(network.id, enabled, true)
      for (const game of playing) await this[game].play()
    } catch {
      // `load` and `order` show the problem
    }
  }

  /** The games as the page shows them, which are paused. */
  private keptGames(): { game: GameName; speed: Speed; kept: KeptGame | undefined }[] {
    return GAMES.map((game) => {
      this.stores[game].setState({ playing: false })
      const { position, actions, values, index, speed, searched } = this.stores[game].getState()
      return { game, speed, kept: position ? { seed: position.state.seed, actions, values, index, searched } : undefined }
    })
  }

  /** Give games to a worker, which plays their moves again by the rules. */
  private async restoreGames(games: ReturnType<Player['keptGames']>): Promise<void> {
    for (const { game, speed, kept } of games) {
      await this.order({ type: 'game', game, order: { do: 'speed', speed } })
      if (!kept) continue
      try {
        await this.order({ type: 'game', game, order: { do: 'restore', game: kept } })
      } catch (error) {
        // nothing but this game is lost where its moves cannot be played again
        if (error instanceof OrderFailed || !this.connection) throw error
        this.stores[game].setState({ ...noGame, speed }, true)
      }
    }
  }

  /** The worker is of no use any more: onnxruntime cannot be started twice in one. */
  private fail(reason: Problem): void {
    this.close()
    this.state.setState({ status: 'failed', problem: reason })
  }

  private show(reason: Problem): void {
    if (reason.reason === 'out-of-memory') this.fail(reason)
    else this.state.setState({ status: 'failed', problem: reason })
  }

  private clearGames(): void {
    for (const game of GAMES) this.stores[game].setState(({ speed }) => ({ ...noGame, speed }), true)
    this.testState.setState(noTest, true)
  }

  private startPython(): void {
    if (this.followsPython) return
    this.followsPython = true
    this.around.followPython((offer) => {
      this.offer = offer
      const { port1, port2 } = new MessageChannel()
      offer(port1)
      this.rules.connect(port2)
      if (this.connection) this.connectRules(offer, this.connection)
    })
    this.around.watchPython(
      (detail) => this.pythonFailed(detail),
      () => this.pythonRuns(),
    )
  }

  private connectRules(offer: OfferPort, connection: Connection): void {
    const { port1, port2 } = new MessageChannel()
    offer(port1)
    connection.send({ type: 'rules', port: port2 }, [port2])
  }

  private pythonFailed(detail: string): void {
    this.rules.fail(detail)
    this.connection?.send({ type: 'rules-failed', detail })
  }

  private pythonRuns(): void {
    const { problem, network } = this.state.getState()
    if (problem?.reason === 'python' && network) this.state.setState({ status: 'ready', problem: null })
  }
}

function first<T>(list: readonly T[]): T {
  const [item] = list
  if (item === undefined) throw new Error('the rules gave no answer')
  return item
}

const allOn = ({ routers }: LoadedNetwork): EnabledExperts =>
  Object.fromEntries(routers.map(({ path, experts }) => [path, new Array<boolean>(experts).fill(true)]))
