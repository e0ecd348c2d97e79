/** The player of the app: loads networks, watches them play, and asks them and the rules about positions. */
import training from '../generated/training.json'
import type { GameRecord, GameState, PlayedMove } from '../generated/wire'
import { fileOf, type KeptNetwork, networksStore, readNetworks, saysFull } from '../networks/networks'
import { followPython, pythonState } from '../python/client'
import type { BoardLook } from './board_painter'
import { Player, type Surroundings } from './page_player'
import type { LoadedNetwork, SearchDepth, Thought } from './types'

export type { BoardColours, BoardLook, BoardOverlay } from './board_painter'
export type { GameControls } from './page_player'
export type * from './types'

/** Where networks come from. */
export type NetworkFiles = Pick<Surroundings, 'fileOf' | 'whyMissing' | 'valuesAfterstates' | 'valueUnit'>

const SEEDS = 2 ** 31

async function keptNetwork(id: string): Promise<KeptNetwork | undefined> {
  const find = () => networksStore.getState().networks.find((network) => network.id === id)
  if (!find()) await readNetworks()
  return find()
}

/** The networks that are kept on this phone. */
const keptNetworks: NetworkFiles = {
  fileOf,
  whyMissing: (id) => {
    const text = networksStore.getState().trouble[id]
    return text === undefined ? undefined : { reason: saysFull(text) ? 'full' : 'damaged', text }
  },
  valueUnit: async (id) => (await keptNetwork(id))?.valueUnit ?? null,
  valuesAfterstates: async (id) => {
    const algorithm = (await keptNetwork(id))?.algorithm
    return training.algorithms.some(({ name, evaluates_afterstates }) => name === algorithm && evaluates_afterstates)
  },
}

let files = keptNetworks

/** Take networks from elsewhere than the storage of this phone, as a benchmark does. */
export function provideFiles(source: NetworkFiles): void {
  files = source
}

const player = new Player({
  openWorker: () => new Worker(new URL('./player_worker.ts', import.meta.url), { type: 'module', name: 'player' }),
  fileOf: (id, kind) => files.fileOf(id, kind),
  whyMissing: (id) => files.whyMissing(id),
  valuesAfterstates: (id) => files.valuesAfterstates(id),
  valueUnit: (id) => files.valueUnit(id),
  followPython,
  watchPython: (failed, ready) => {
    const look = ({ status, detail }: ReturnType<typeof pythonState.getState>): void => {
      if (status === 'failed') failed(detail ?? '')
      if (status === 'ready') ready()
    }
    pythonState.subscribe(look)
    look(pythonState.getState())
  },
  nextFrame: (draw) => requestAnimationFrame(draw),
  randomSeed: () => Math.floor(Math.random() * SEEDS),
})

export const playerStore = player.state
export const watchStore = player.watchState
/** The game that the network plays beside the person, with the same seed. */
export const raceStore = player.raceState
export const testStore = player.testState

export const watch = player.watch
export const race = player.race
export const test = {
  /** Play test games with the seeds from `firstSeed` on, or from a random one; resolves when they are over or were stopped. */
  start: (games = 100, firstSeed?: number): Promise<void> => player.startTest(games, firstSeed),
  stop: (): Promise<void> => player.stopTest(),
}

/** Load a kept network, with its inspection outputs where it has them; rejects with an error that has a sentence. */
export const loadNetwork = (id: string): Promise<LoadedNetwork> => player.loadNetwork(id)

/** Start the worker of the player and Python, so that the first network is loaded sooner. */
export const prepare = (): void => player.prepare()

/** End the worker of the player, which frees its memory. */
export const unload = (): void => player.unload()

/** Switch the experts of a mixture on and off; rejects with a sentence, such as when all are switched off. */
export const setExperts = (path: string, enabled: boolean[]): Promise<void> => player.setExperts(path, enabled)

/** Look so far ahead from now on, with every network that can search. */
export const setSearch = (depth: SearchDepth): void => player.setSearch(depth)

/** Drawing of the watched game in the worker. */
export const painting = {
  begin: (canvas: OffscreenCanvas, look: BoardLook, painted: () => void): void => player.paint(canvas, look, painted),
  change: (look: BoardLook): void => player.setLook(look),
  end: (): void => player.endPainting(),
}

/** The network's thought about a position; `move` selects the board after that move, for networks that value boards after moves. */
export const think = (state: GameState, move?: number): Promise<Thought> => player.think(state, move)

/** Start the network's game of a race, paused: `race.step` plays its next move, `race.play` lets it play by itself. */
export const raceGame = (seed: number): Promise<void> => player.race.start(seed)

/** The start of the game with this seed, 0 <= seed < 2^31. */
export const newGame = (seed: number): Promise<GameState> => player.newGame(seed)

/** Play a move, with the way of each tile; rejects where it is not legal. */
export const playMove = (state: GameState, action: number): Promise<PlayedMove> => player.playMove(state, action)

/** The final state of a recorded game; rejects where the record does not follow the rules. */
export const replay = (record: GameRecord): Promise<GameState> => player.replay(record)

/** The four boards right after each move; that of a move that is not legal is the board itself. */
export const boardsAfter = (board: readonly number[]): Promise<number[][]> => player.boardsAfter(board)

if (typeof document !== 'undefined') {
  const tell = () => player.setHidden(document.visibilityState === 'hidden')
  document.addEventListener('visibilitychange', tell)
  tell()
}
