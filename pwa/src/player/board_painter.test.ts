import { expect, it, vi } from 'vitest'
import type { PlayedMove } from '../generated/wire'
import { type BoardLook, BoardPainter } from './board_painter'
import { aState } from './test_player'
import type { Position, Thought } from './types'

const look: BoardLook = {
  ...{ size: 1000, ratio: 2, font: 'Sans', overlay: null },
  colours: {
    ...{ board: 'board', cell: 'cell', surface: 'surface', ink: 'ink', onExpert: 'on-expert' },
    ...{ tiles: ['tile1', 'tile2'], tileInks: ['ink1', 'ink2'], experts: ['expert0', 'expert1', 'expert2'] },
  },
}

/** A painter whose texts and fills are noted, with the cell in which each lies; frames are drawn by `frame`. */
function painted(first: BoardLook = look) {
  const noted: string[] = []
  const frames: (() => void)[] = []
  let box: [number, number] = [0, 0]
  const cellAt = (x: number, y: number): number => 4 * Math.floor(y / 250) + Math.floor(x / 250)
  const context = {
    ...{ fillStyle: '', font: '', letterSpacing: '', textAlign: '', globalAlpha: 1 },
    beginPath: () => {},
    roundRect: (x: number, y: number, width: number, height: number) => {
      box = [x + width / 2, y + height / 2]
    },
    clearRect: () => {},
    fill: () => noted.push(`${cellAt(...box)} ${context.fillStyle}${context.globalAlpha < 1 ? ` ${context.globalAlpha}` : ''}`),
    fillText: (text: string, x: number, y: number) => noted.push(`${cellAt(x, y)} "${text}" ${context.fillStyle}`),
    measureText: () => ({ width: 10, fontBoundingBoxAscent: 8, fontBoundingBoxDescent: 2 }),
  }
  const canvas = { width: 0, height: 0, getContext: () => context } as unknown as OffscreenCanvas
  const onPainted = vi.fn()
  const painter = new BoardPainter(canvas, first, onPainted, (draw) => frames.push(draw))
  const frame = (): string[] => {
    for (const draw of frames.splice(0)) draw()
    return noted.splice(0)
  }
  return { painter, canvas, frames, frame, onPainted }
}

const boardOf = (cells: Record<number, number>): Position['state']['board'] => Object.assign(Array(16).fill(0), cells)
const thoughtOf = (part: Partial<Thought> = {}): Thought => ({
  ...{ action: 1, logits: [], probabilities: [], value: 0, routing: {}, attention: {}, ofMove: null, searched: 0 as const },
  ...part,
})
const positionOf = (cells: Record<number, number>, part: Partial<Position> = {}): Position => ({
  ...{ state: { ...aState(), board: boardOf(cells) }, move: null, thought: thoughtOf() },
  ...part,
})
const routing = (expert: number) => {
  const weights = Array(16 * 3).fill(0)
  for (let cell = 0; cell < 16; cell++) weights[3 * cell + expert] = 1
  return { experts: 3, layers: [weights] }
}

it('draws the last position of a frame, and then only cells that changed', () => {
  const { painter, canvas, frames, frame, onPainted } = painted()
  expect(canvas.width).toBe(1000)
  painter.show(positionOf({ 0: 1 }))
  painter.show(positionOf({ 0: 1, 5: 2 }))
  expect(frames).toHaveLength(1)
  const drawn = frame()
  expect(drawn.filter((each) => each.endsWith(' cell'))).toHaveLength(16)
  expect(drawn.filter((each) => /^5 /.test(each))).toEqual(['5 cell', '5 tile2', '5 "4" ink2'])
  painter.show(positionOf({ 0: 1, 5: 9 }))
  expect(frame()).toEqual(['5 cell', '5 tile2', '5 "512" ink2'])
  painter.show(positionOf({ 0: 1, 5: 9 }))
  expect(frame()).toEqual([])
  expect(onPainted).toHaveBeenCalledOnce()
})

it('draws everything again in another look, and nothing after its end', () => {
  const { painter, canvas, frame } = painted()
  painter.show(positionOf({}))
  frame()
  painter.setLook({ ...look, size: 500 })
  expect(frame()).toHaveLength(16)
  expect(canvas.height).toBe(500)
  painter.show(positionOf({ 3: 1 }))
  painter.end()
  expect(frame()).toEqual([])
})

it('draws the experts of a layer, and the attention of a cell', () => {
  const { painter, frame } = painted({ ...look, overlay: { inside: 'experts', path: 'c6' } })
  const weights = new Float32Array(16 * 16)
  weights[16 * 2 + 7] = 0.6
  weights[16 * 2 + 4] = 0.3
  const attention = { c3: { heads: 1, weights } }
  painter.show(positionOf({}, { thought: thoughtOf({ routing: { c6: routing(1) }, attention }) }))
  expect(frame().slice(-4)).toEqual(['15 cell', '15 expert1', '15 "2" on-expert', '15 expert1'])
  painter.setLook({ ...look, overlay: { inside: 'attention', path: 'c3', cell: 2, head: null } })
  const drawn = frame()
  const of = (cell: number) => drawn.filter((each) => each.startsWith(`${cell} `))
  expect(of(7)).toEqual(['7 cell', '7 board 0', '7 surface', '7 "60 %" ink'])
  expect(of(4)).toEqual(['4 cell', '4 board 0.41', '4 surface', '4 "30 %" ink'])
  expect(of(5)).toEqual(['5 cell', '5 board 0.82'])
})

it('shows what a network saw after a move once the move was made', () => {
  const { painter, frame } = painted({ ...look, overlay: { inside: 'experts', path: 'c6' } })
  const thought = (expert: number) => thoughtOf({ routing: { c6: routing(expert) }, ofMove: 1 })
  const start = positionOf({ 0: 1 }, { thought: thought(0) })
  painter.show(start)
  expect(frame()).toEqual([])
  const state = { ...aState(), board: boardOf({ 3: 1, 9: 1 }), n_moves: 1 }
  const move = { action: 1, afterstate: boardOf({ 3: 1 }), state } as unknown as PlayedMove
  painter.show({ state, move, thought: thought(2) })
  const drawn = frame()
  expect(drawn.filter((each) => each.includes('tile'))).toEqual(['3 tile1'])
  expect(drawn.filter((each) => each.includes('expert2'))).toEqual([])
  expect(drawn).toContain('9 expert0')
})
