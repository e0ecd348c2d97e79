/** A game that the network plays: runs at a speed, steps forward and back, and keeps every position. */
import type { GameState, PlayedMove } from '../generated/wire'
import type { RulesPort } from '../python/rules_port'
import { GameLog } from './game_log'
import type { GameOrder, KeptGame, ShownGame } from './messages'
import { Pace } from './pace'
import { noGame, type Position, type Speed, type Thought } from './types'

const NO_GAME = 'There is no game yet.'

export interface GameParts {
  rules: Pick<RulesPort, 'newGames' | 'playMoves'>
  /** rejects when no network is loaded, and soon after `isWanted` says no */
  think(state: GameState, move: number | null, isWanted?: () => boolean): Promise<Thought>
  /** called after every change of what is shown */
  changed(): void
  /** called when the loop ended because of an error */
  failed(error: unknown): void
}

export class NetworkGame {
  private log: GameLog | undefined
  private position: Position | null = null
  private index = 0
  private playing = false
  private speed: Speed = noGame.speed
  /** increases with every loop, so that an older one ends */
  private loops = 0
  /** of the newest order to go somewhere; older ones are skipped */
  private visits = 0
  private readonly pace = new Pace()
  private turn: Promise<unknown> = Promise.resolve()

  constructor(private readonly parts: GameParts) {}

  /** Carry out an order; rejects when it cannot be done, such as a step without a game. */
  async follow(order: GameOrder): Promise<void> {
    if (order.do === 'start') await this.inTurn(() => this.start(order.seed, order.plays))
    else if (order.do === 'restore') await this.inTurn(() => this.restore(order.game))
    else if (order.do === 'play') await this.inTurn(async () => this.play())
    else if (order.do === 'speed') this.setSpeed(order.speed)
    else if (order.do === 'pause') this.pause()
    else if (order.do === 'show') await this.inTurn(() => this.rethink(order.action))
    else await this.move(order)
  }

  /** What is shown, with the values that changed since the last call. */
  shown(): ShownGame {
    const { log, position, index, playing, speed } = this
    const { movesPerSecond } = this.pace
    const common = { position, index, playing, speed, movesPerSecond }
    if (!log) return { ...common, length: 0, over: false, changed: { from: 0, values: [], actions: [] }, usage: {}, searched: [] }
    const { length, over } = log
    const searched = log.searched(index)
    return { ...common, length, over, changed: log.takeChanged(), usage: log.usage(index), searched }
  }

  /** The position that is shown; null without a game. */
  get shownPosition(): Position | null {
    return this.position
  }

  /** Whether the game plays at full speed, faster than positions can be read. */
  get isRushing(): boolean {
    return this.playing && this.speed === 'max'
  }

  setHidden(hidden: boolean): void {
    this.pace.setHidden(hidden)
  }

  /** Think again about the shown position, because the network or its experts changed. */
  reconsider(): Promise<void> {
    return this.inTurn(() => this.rethink(null))
  }

  /** Stop playing and forget the game. */
  end(): void {
    this.pause()
    this.log = undefined
    this.position = null
    this.index = 0
    this.parts.changed()
  }

  private async start(seed: number, plays: boolean): Promise<void> {
    const state = await this.startOf(seed)
    const thought = await this.parts.think(state, null)
    this.log = new GameLog(state)
    this.pace.reset()
    // before the first position is shown, which would be that of a paused game otherwise
    if (plays && !this.playing) this.beginLoop()
    this.show(0, null, thought)
  }

  /** Play the moves of a game again by the rules, and show the position where it stood. */
  private async restore({ seed, actions, values, index, searched }: KeptGame): Promise<void> {
    const log = new GameLog(await this.startOf(seed))
    for (const [place, action] of actions.entries()) {
      const { state } = await this.played(log.state(place), action, false)
      // by which depth each move was chosen is not kept, only which ones occurred
      log.played(place, action, state, searched[Math.min(place, searched.length - 1)] ?? 0)
    }
    log.restoreValues(values)
    this.log = log
    this.pace.reset()
    await this.visit(index)
  }

  private async startOf(seed: number): Promise<GameState> {
    const [state] = await this.parts.rules.newGames([seed])
    if (!state) throw new Error('the rules gave no game')
    return state
  }

  private play(): void {
    if (!this.log) throw new Error(NO_GAME)
    if (this.playing || this.isAtEnd) return
    this.pace.reset()
    this.beginLoop()
    this.parts.changed()
  }

  /** Whether the last position of a game that is over is shown. */
  private get isAtEnd(): boolean {
    return this.log?.over === true && this.index === this.log.length
  }

  private beginLoop(): void {
    this.playing = true
    void this.loop(++this.loops)
  }

  private pause(): void {
    if (!this.playing) return
    this.playing = false
    this.pace.interrupt()
    this.parts.changed()
  }

  private setSpeed(speed: Speed): void {
    this.speed = speed
    this.pace.interrupt()
    this.parts.changed()
  }

  private async loop(loop: number): Promise<void> {
    const mine = () => this.playing && loop === this.loops
    try {
      while (mine()) {
        await this.pace.next(this.speed)
        await this.inTurn(async () => {
          if (!mine()) return
          if (await this.advance(this.speed !== 'max', mine)) this.pace.made(1)
          if (mine() && this.isAtEnd) this.pause()
        })
      }
    } catch (error) {
      if (!mine()) return
      this.pause()
      this.parts.failed(error)
    }
  }

  private async move(order: Extract<GameOrder, { do: 'step' | 'back' | 'go' }>): Promise<void> {
    this.pause()
    const visit = ++this.visits
    await this.inTurn(async () => {
      if (order.do === 'step') await this.advance(true)
      else if (order.do === 'back') await this.visit(this.index - 1)
      else if (visit === this.visits) await this.visit(order.index)
    })
  }

  /**
   * Play the move that the network prefers at the shown position; returns whether it was made. It is not made when the game
   * is over, or is not wanted any more once it is known: a paused game stays at the position that the person saw.
   */
  private async advance(withMotions: boolean, isWanted = () => true): Promise<boolean> {
    const { log, position, index } = this
    if (!log || !position) throw new Error(NO_GAME)
    const { state } = position
    if (!state.legal.includes(true)) return false
    const { action, searched } = position.thought ?? (await this.parts.think(state, null, isWanted))
    const move = await this.played(state, action, withMotions)
    const thought = await this.parts.think(move.state, null, isWanted)
    if (!isWanted()) return false
    log.played(index, action, move.state, searched)
    this.show(index + 1, move, thought)
    return true
  }

  /** Show an earlier position, or a later one of those that were played. */
  private async visit(index: number): Promise<void> {
    const { log } = this
    if (!log) throw new Error(NO_GAME)
    const place = Math.min(Math.max(0, Math.trunc(index)), log.length)
    const action = log.action(place - 1)
    const move = action === undefined ? null : await this.played(log.state(place - 1), action, true)
    this.show(place, move, await this.parts.think(log.state(place), null))
  }

  private async rethink(move: number | null): Promise<void> {
    const { log, position, index } = this
    if (!log || !position) return
    const thought = await this.parts.think(position.state, move)
    if (log === this.log) this.show(index, position.move, thought)
  }

  private show(index: number, move: PlayedMove | null, thought: Thought): void {
    const { log } = this
    if (!log) return
    log.thought(index, thought)
    this.index = index
    this.position = { state: log.state(index), move, thought }
    this.parts.changed()
  }

  private async played(state: GameState, action: number, withMotions: boolean): Promise<PlayedMove> {
    const [move] = await this.parts.rules.playMoves([state], [action], withMotions)
    if (!move) throw new Error('the rules gave no move')
    return move
  }

  /** Run after what runs already: a move, an order to go elsewhere and a new game never mix. */
  private inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.turn.then(work)
    this.turn = done.catch(() => {})
    return done
  }
}
