/** The player worker without its surroundings: owns the networks, the games and the test, and follows the page's orders. */
import type { GameState } from '../generated/wire'
import { RulesPort } from '../python/rules_port'
import { BatchGames } from './batch_games'
import { BoardPainter } from './board_painter'
import type { FromPlayer, GameName, NetworkFile, Order, Shown, ToPlayer } from './messages'
import { Network, type Runtime } from './network'
import { NetworkGame } from './network_game'
import { problemOf } from './problems'
import { Publisher } from './publisher'
import { searchWorths, type Worths } from './search'
import { bestMove, logitsOf, thoughtOf } from './thought'
import type { LoadedNetwork, SearchDepth, Thought } from './types'

type Part = GameName | 'test'
type Answer = LoadedNetwork | Thought | null

/** between two messages with the state of a game at full speed */
const STATE_INTERVAL_MS = 100
/** where `BoardPainter` draws every frame, so that the page has few to draw: numbers that change more often cannot be read */
const PAINTED_INTERVAL_MS = 1000

export class Engine {
  private network: Network | undefined
  /** the plain file of a network that can be inspected, for test games */
  private plain: Network | undefined
  private test: BatchGames | undefined
  /** plays the test games */
  private tested: Network | undefined
  /** loads and unloads run one after the other */
  private turn: Promise<unknown> = Promise.resolve()
  private readonly rules = new RulesPort()
  private readonly publisher = new Publisher<Part>((parts) => this.publish(parts))
  private readonly games: Record<GameName, NetworkGame>
  private painter: BoardPainter | undefined
  private hidden = false
  /** of the thoughts that the page asked for */
  private advices = 0
  /** how far ahead is looked, where the network can search */
  private depth: SearchDepth = 0

  constructor(
    private readonly runtime: Runtime,
    private readonly post: (message: FromPlayer) => void,
  ) {
    this.games = { watch: this.newGame('watch'), race: this.newGame('race') }
  }

  receive(message: ToPlayer): void {
    if (message.type === 'rules') this.rules.connect(message.port)
    else if (message.type === 'rules-failed') this.rules.fail(message.detail)
    else if (message.type === 'hidden') this.setHidden(message.hidden)
    else if (message.type === 'search') this.setDepth(message.depth)
    else if (message.type === 'applied') this.publisher.applied()
    else if (message.type === 'canvas') this.setCanvas(message)
    else if (message.type === 'look') this.painter?.setLook(message.look)
    else void this.answer(message.id, message.order)
  }

  private newGame(name: GameName): NetworkGame {
    return new NetworkGame({
      rules: this.rules,
      think: (state, move, isWanted) => this.think(state, move, isWanted),
      changed: () => this.changed(name),
      failed: (error) => this.post({ type: 'problem', problem: problemOf(error) }),
    })
  }

  private changed(name: GameName): void {
    const { shownPosition, isRushing } = this.games[name]
    if (name === 'watch' && shownPosition) this.painter?.show(shownPosition)
    const interval = name === 'watch' && this.painter ? PAINTED_INTERVAL_MS : STATE_INTERVAL_MS
    this.publisher.change(name, isRushing ? interval : 0)
  }

  private setCanvas(message: Extract<ToPlayer, { type: 'canvas' }>): void {
    this.painter?.end()
    this.painter = message.canvas
      ? new BoardPainter(message.canvas, message.look, () => this.post({ type: 'painted' }))
      : undefined
    const { shownPosition } = this.games.watch
    if (shownPosition) this.painter?.show(shownPosition)
  }

  private async answer(id: number, order: Order): Promise<void> {
    try {
      this.post({ type: 'answer', id, value: await this.follow(order) })
    } catch (error) {
      const problem = problemOf(error)
      const text = error instanceof Error && problem.reason === 'unknown' ? error.message : problem.text
      // a refused order leaves everything as it is
      this.post({ type: 'error', id, text, ...((problem.reason !== 'unknown' || order.type === 'load') && { problem }) })
    }
  }

  private async follow(order: Order): Promise<Answer> {
    if (order.type === 'think') return this.adviceOn(order.state, order.move)
    if (order.type === 'load') return this.inTurn(() => this.load(order.file, order.enabled))
    if (order.type === 'unload') await this.inTurn(() => this.unload())
    else if (order.type === 'experts') await this.setExperts(order.path, order.enabled)
    else if (order.type === 'game') await this.games[order.game].follow(order.order)
    else if (order.type === 'stop-test') this.test?.stop()
    else await this.playTest(order)
    return null
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.turn.then(work)
    this.turn = done.catch(() => {})
    return done
  }

  private async load(file: NetworkFile, enabled: Record<string, readonly boolean[]>): Promise<LoadedNetwork> {
    await this.unload()
    const network = await Network.open(this.runtime, file)
    for (const [path, experts] of Object.entries(enabled)) network.setExperts(path, experts)
    this.network = network
    return network.info
  }

  private async unload(): Promise<void> {
    this.test?.stop()
    for (const game of Object.values(this.games)) game.end()
    const { network, plain } = this
    this.network = undefined
    this.plain = undefined
    await network?.release()
    await plain?.release()
  }

  private get loaded(): Network {
    if (!this.network) throw new Error('No network is loaded.')
    return this.network
  }

  private async think(state: GameState, move: number | null, isWanted = () => true): Promise<Thought> {
    const { loaded } = this
    const outputs = await loaded.run([state.board])
    for (;;) {
      const depth = this.depthOf(loaded)
      // a depth that was changed meanwhile counts at once
      const goesOn = () => isWanted() && loaded === this.network && depth === this.depthOf(loaded)
      const found = depth > 0 && state.legal.includes(true) ? await this.search(loaded, [state], depth, goesOn) : null
      if (!isWanted() || loaded !== this.network) throw new Error('This position is no longer wanted.')
      if (depth !== this.depthOf(loaded)) continue
      const [worths] = found ?? []
      return thoughtOf(outputs, loaded.info, 0, state.legal, move, worths ? { depth, worths } : null)
    }
  }

  /** A thought for the page; of several searches only the newest one goes on. */
  private adviceOn(state: GameState, move: number | null): Promise<Thought> {
    this.advices += 1
    const advice = this.advices
    return this.think(state, move, () => advice === this.advices || this.depth === 0)
  }

  /** How far ahead a network looks. */
  private depthOf(network: Network): SearchDepth {
    return network.valueUnit ? this.depth : 0
  }

  private async search(
    network: Network,
    states: readonly GameState[],
    depth: SearchDepth,
    isWanted: () => boolean,
  ): Promise<Worths[] | null> {
    const { valueUnit: unit, slice } = network
    if (depth === 0 || !unit) return null
    const values = (cells: Uint8Array) => network.values(cells)
    const boards = states.map(({ board }) => board)
    return searchWorths(boards, depth, { rules: this.rules, values, unit, slice }, isWanted)
  }

  private setDepth(depth: SearchDepth): void {
    if (depth === this.depth) return
    this.depth = depth
    if (!this.network) return
    for (const game of Object.values(this.games)) game.reconsider().catch(() => {})
  }

  private async setExperts(path: string, enabled: readonly boolean[]): Promise<void> {
    if (this.test?.shown().running && this.tested === this.loaded)
      throw new Error('Experts cannot be switched while test games are played with them.')
    this.loaded.setExperts(path, enabled)
    await Promise.all(Object.values(this.games).map((game) => game.reconsider()))
  }

  private async playTest({ games, firstSeed, plain }: Extract<Order, { type: 'test' }>): Promise<void> {
    if (this.test?.shown().running) throw new Error('Test games are being played already.')
    const network = await this.forTest(plain)
    this.tested = network
    const depth = this.depthOf(network)
    const choose = (states: readonly GameState[], isWanted: () => boolean) => this.choose(network, states, depth, isWanted)
    const changed = () => this.publisher.change('test')
    const about = { expertsOff: network.expertsOff, searched: depth }
    this.test = new BatchGames({ rules: this.rules, choose, changed }, games, firstSeed, about)
    this.test.setHidden(this.hidden)
    await this.test.play()
  }

  private async choose(
    network: Network,
    states: readonly GameState[],
    depth: SearchDepth,
    isWanted: () => boolean,
  ): Promise<number[]> {
    if (depth > 0) {
      const found = await this.search(network, states, depth, isWanted)
      if (!found) throw new Error('The test was stopped.')
      return found.map((worths, index) => bestMove(worths, states[index]?.legal ?? []))
    }
    const outputs = await network.run(
      states.map(({ board }) => board),
      true,
    )
    return states.map(({ legal }, index) => bestMove(logitsOf(outputs, index), legal))
  }

  /** The plain network, which is quicker; with experts switched off the one that can do so. */
  private async forTest(plain: ArrayBuffer | null): Promise<Network> {
    const { loaded } = this
    if (!loaded.info.inspected || loaded.expertsOff) return loaded
    if (!this.plain && plain)
      this.plain = await Network.open(this.runtime, {
        ...loaded.info,
        valueUnit: loaded.valueUnit,
        inspected: false,
        bytes: plain,
      })
    return this.plain ?? loaded
  }

  private setHidden(hidden: boolean): void {
    this.hidden = hidden
    for (const game of Object.values(this.games)) game.setHidden(hidden)
    this.test?.setHidden(hidden)
  }

  private publish(parts: ReadonlySet<Part>): void {
    const { watch, race } = this.games
    const shown: Shown = {}
    if (parts.has('watch')) shown.watch = watch.shown()
    if (parts.has('race')) shown.race = race.shown()
    if (parts.has('test') && this.test) shown.test = this.test.shown()
    if (this.network?.latencyMs) shown.latencyMs = this.network.latencyMs
    this.post({ type: 'shown', shown })
  }
}
