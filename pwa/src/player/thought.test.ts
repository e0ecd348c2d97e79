import { expect, test } from 'vitest'
import { bestMove, choicesOf, type Outputs, probabilitiesOf, thoughtOf } from './thought'
import type { LoadedNetwork } from './types'

const ALL = [true, true, true, true]
const ILLEGAL = -1e9

const network = (part: Partial<LoadedNetwork>): LoadedNetwork => ({
  id: 'n',
  searches: false,
  routers: [],
  attentions: [],
  valuesAfterstates: false,
  inspected: false,
  ...part,
})

/** A tensor whose numbers are their own places. */
const counted = (...dims: number[]) => ({ data: Float32Array.from({ length: dims.reduce((a, b) => a * b) }, (_, i) => i), dims })

test('the best move is legal, whatever the others say', () => {
  expect(bestMove([5, 1, 2, 3], ALL)).toBe(0)
  expect(bestMove([5, 1, 2, 3], [false, true, true, false])).toBe(2)
  expect(bestMove([1, 1, 1, 1], [false, true, true, true])).toBe(1)
  expect(bestMove([Number.NaN, Number.NaN, 0, 1], [true, true, false, false])).toBe(0)
  expect(bestMove([Number.NaN, 1, 0, 1], ALL)).toBe(1)
  expect(bestMove([ILLEGAL, ILLEGAL, ILLEGAL, ILLEGAL], [false, false, false, false])).toBe(0)
})

test('probabilities are those of the legal moves and sum to 1', () => {
  const found = probabilitiesOf([1, 2, ILLEGAL, 0], [true, true, false, true])
  expect(found[2]).toBe(0)
  expect(found.reduce((a, b) => a + b)).toBeCloseTo(1)
  expect((found[1] as number) / (found[0] as number)).toBeCloseTo(Math.E)
  expect(probabilitiesOf([1e8, 0, 0, 0], ALL)).toEqual([1, 0, 0, 0])
  expect(probabilitiesOf([Number.NaN, Number.NaN, Number.NaN, Number.NaN], [true, false, true, false])).toEqual([0.5, 0, 0.5, 0])
  expect(probabilitiesOf([0, 0, 0, 0], [false, false, false, false])).toEqual([0, 0, 0, 0])
})

test('one board of a batch, with a class token that is left out', () => {
  const about = network({ routers: [{ path: 'c1', experts: 3 }], attentions: [{ path: 'c2', heads: 2 }], inspected: true })
  const outputs: Outputs = {
    logits: { data: Float32Array.of(9, 0, 0, 0, 0, 0, 7, 0), dims: [2, 4] },
    value: { data: Float32Array.of(1, 2), dims: [2] },
    'routing/c1': counted(2, 17, 3),
    'attention/c2': counted(2, 2, 17, 17),
  }
  const found = thoughtOf(outputs, about, 1, ALL, 3)
  expect(found).toMatchObject({ action: 2, value: 2, ofMove: null, searched: 0 as const })
  const [weights] = found.routing.c1?.layers ?? []
  expect(weights?.length).toBe(48)
  expect(weights?.[0]).toBe((17 + 1) * 3)
  expect(weights?.at(-1)).toBe(2 * 17 * 3 - 1)
  const attention = found.attention.c2
  expect(attention?.weights.length).toBe(2 * 16 * 16)
  const place = (head: number, from: number, to: number) => ((2 + head) * 17 + from + 1) * 17 + to + 1
  expect(attention?.weights[0]).toBe(place(0, 0, 0))
  expect(attention?.weights[(1 * 16 + 5) * 16 + 9]).toBe(place(1, 5, 9))
})

test('of a network that values boards after moves, the board after the best move or after another one', () => {
  const about = network({ routers: [{ path: 'r', experts: 2 }], valuesAfterstates: true, inspected: true })
  const outputs: Outputs = {
    logits: { data: Float32Array.of(0, 0, 0, 5, 0, 4, 0, 0), dims: [2, 4] },
    value: { data: Float32Array.of(1, 2), dims: [2] },
    'routing/r': counted(2, 4, 16, 2),
  }
  const first = (move: number | null) => {
    const { ofMove, routing } = thoughtOf(outputs, about, 1, ALL, move)
    return [ofMove, routing.r?.layers[0]?.[0]]
  }
  expect(first(null)).toEqual([1, (4 + 1) * 32])
  expect(first(3)).toEqual([3, (4 + 3) * 32])
})

test('experts of whole boards have one row of weights a board', () => {
  const about = network({ routers: [{ path: 'r', experts: 2, wholeBoards: true }], valuesAfterstates: true, inspected: true })
  const outputs: Outputs = {
    logits: { data: Float32Array.of(0, 0, 0, 5, 0, 4, 0, 0), dims: [2, 4] },
    value: { data: Float32Array.of(1, 2), dims: [2] },
    'routing/r': counted(2, 4, 1, 2),
  }
  const thought = thoughtOf(outputs, about, 1, ALL, null)
  expect(thought.routing.r?.layers).toEqual([[(4 + 1) * 2, (4 + 1) * 2 + 1]])
  expect(choicesOf(thought)).toEqual({ r: [1, 1] })
})

test('an output that is missing is an error with its name', () => {
  const outputs: Outputs = {
    logits: { data: new Float32Array(4), dims: [1, 4] },
    value: { data: new Float32Array(1), dims: [1] },
  }
  expect(() => thoughtOf(outputs, network({ routers: [{ path: 'x', experts: 2 }] }), 0, ALL, null)).toThrow('routing/x')
})

test('choices count the cells for which an expert has a weight', () => {
  const layer = new Array(48).fill(0)
  layer[0] = 0.5
  layer[2] = 0.5
  layer[5] = 1
  const routing = { c1: { experts: 3, layers: [layer] } }
  const thought = {
    action: 0,
    probabilities: [],
    logits: [],
    value: 0,
    routing,
    attention: {},
    ofMove: null,
    searched: 0 as const,
  }
  expect(choicesOf(thought)).toEqual({ c1: [1, 0, 2] })
})
