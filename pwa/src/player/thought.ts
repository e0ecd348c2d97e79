/** Reads the outputs of a network: from tensors of a batch to the thought about one board. */
import type { LoadedNetwork, SearchDepth, ShownAttention, ShownRouting, Thought } from './types'

const CELLS = 16
const MOVES = 4

/** A tensor of float32. */
export interface Values {
  data: Float32Array
  dims: readonly number[]
}

/** The outputs of a batch of boards by name: `logits`, `value`, `routing/<path>`, `attention/<path>`. */
export type Outputs = Record<string, Values>

export type Legal = readonly boolean[]

/** The legal move with the largest logit, the first of equal ones; 0 where no move is legal. Not a number counts as the smallest. */
export function bestMove(logits: ArrayLike<number>, legal: Legal): number {
  let best = -1
  for (let move = 0; move < MOVES; move++) {
    if (legal[move] && (best < 0 || score(logits[move]) > score(logits[best]))) best = move
  }
  return Math.max(best, 0)
}

const score = (logit: number | undefined): number =>
  logit === undefined || Number.isNaN(logit) ? Number.NEGATIVE_INFINITY : logit

/** Softmax over the legal moves; 0 for the others. */
export function probabilitiesOf(logits: readonly number[], legal: Legal): number[] {
  const largest = score(logits[bestMove(logits, legal)])
  const weights = logits.map((logit, move) =>
    legal[move] && score(logit) > Number.NEGATIVE_INFINITY ? Math.exp(logit - largest) : 0,
  )
  const sum = weights.reduce((total, weight) => total + weight, 0)
  if (sum > 0) return weights.map((weight) => weight / sum)
  const moves = legal.filter(Boolean).length
  return legal.map((isLegal) => (isLegal ? 1 / moves : 0))
}

/** The logits of one board of a batch. */
export function logitsOf(outputs: Outputs, index: number): number[] {
  return Array.from(output(outputs, 'logits').data.subarray(index * MOVES, (index + 1) * MOVES))
}

/** What a search found for one board. */
export interface Found {
  depth: SearchDepth
  /** what each move is worth, -Infinity where it is not legal */
  worths: readonly number[]
}

/** as many times what a move lacks to the best are the logits of networks that value boards after moves, and of a search */
const SHARPNESS = 10

const logitsFrom = (worths: readonly number[]): number[] => {
  const best = Math.max(...worths)
  return worths.map((worth) => (worth - best) * SHARPNESS)
}

/**
 * The thought about one board of a batch; `found` is what a search says of it, and comes before what the network itself says.
 *
 * `move` selects the board that routing and attention belong to, for networks that value boards after moves; null is the best move.
 */
export function thoughtOf(
  outputs: Outputs,
  network: LoadedNetwork,
  index: number,
  legal: Legal,
  move: number | null,
  found: Found | null = null,
): Thought {
  const logits = found ? logitsFrom(found.worths) : logitsOf(outputs, index)
  const action = bestMove(logits, legal)
  const ofMove = network.valuesAfterstates ? (move ?? action) : null
  const board = ofMove === null ? index : index * MOVES + ofMove
  const routing = network.routers.map(({ path }) => [path, routingOf(output(outputs, `routing/${path}`), board)])
  const attention = network.attentions.map(({ path }) => [path, attentionOf(output(outputs, `attention/${path}`), board)])
  return {
    action,
    probabilities: probabilitiesOf(logits, legal),
    logits,
    value: found ? Math.max(...found.worths) : (output(outputs, 'value').data[index] as number),
    routing: Object.fromEntries(routing),
    attention: Object.fromEntries(attention),
    ofMove,
    searched: found?.depth ?? 0,
  }
}

function output(outputs: Outputs, name: string): Values {
  const found = outputs[name]
  if (!found) throw new Error(`the network has no output ${name}`)
  return found
}

/** (..., T, E) to the weights of one board: of its cells without the class token, which comes first, or of the board as a whole. */
function routingOf({ data, dims }: Values, board: number): ShownRouting {
  const [tokens, experts] = dims.slice(-2) as [number, number]
  const shown = Math.min(tokens, CELLS)
  const start = (board * tokens + tokens - shown) * experts
  return { experts, layers: [Array.from(data.subarray(start, start + shown * experts))] }
}

/** (..., heads, T, T) to the weights among the cells of one board, without a class token. */
function attentionOf({ data, dims }: Values, board: number): ShownAttention {
  const [heads, tokens] = dims.slice(-3) as [number, number, number]
  const weights = new Float32Array(heads * CELLS * CELLS)
  const skipped = tokens - CELLS
  for (let head = 0; head < heads; head++) {
    for (let cell = 0; cell < CELLS; cell++) {
      const row = ((board * heads + head) * tokens + skipped + cell) * tokens + skipped
      weights.set(data.subarray(row, row + CELLS), (head * CELLS + cell) * CELLS)
    }
  }
  return { heads, weights }
}

/** How many cells of the shown board each expert was chosen for, or 1 for the whole board, by the path of the mixture. */
export function choicesOf(thought: Thought): Record<string, number[]> {
  return Object.fromEntries(Object.entries(thought.routing).map(([path, routing]) => [path, choices(routing)]))
}

function choices({ experts, layers }: ShownRouting): number[] {
  const counts = new Array<number>(experts).fill(0)
  for (const weights of layers) {
    for (const [index, weight] of weights.entries()) if (weight > 0) counts[index % experts] = (counts[index % experts] ?? 0) + 1
  }
  return counts
}
