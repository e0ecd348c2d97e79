import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { BLOCK_HEIGHT, BLOCK_WIDTH } from '../document/geometry'
import { sampleDesign } from '../document/test_designs'
import { showGameUsage, showUsage } from '../runs/expert_heat'
import { paintHeat } from './overview'

/** What was painted last; a colour of CSS becomes a pixel with the number of its first appearance. */
let image: ImageData | undefined
const seen: string[] = []

beforeEach(() => {
  image = undefined
  seen.length = 0
  let colour = ''
  const context = {
    createImageData: (width: number, height: number) => ({ width, height, data: new Uint8ClampedArray(4 * width * height) }),
    putImageData: (painted: ImageData) => {
      image = painted
    },
    set fillStyle(value: string) {
      colour = value
      seen.push(value)
    },
    fillRect: () => {},
    getImageData: () => ({ data: new Uint8ClampedArray([seen.indexOf(colour) + 1, 0, 0, 255]) }),
  }
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(context as unknown as RenderingContext as never)
})
afterEach(() => {
  vi.restoreAllMocks()
  showGameUsage(null)
  showUsage({})
})

const zoom = 0.5
const size = { width: 100, height: 60 }
const colours = { surface: '', line: '', ink: '', bad: '', kinds: [], experts: ['blue', 'green'] }

function painted(place: { x: number; y: number }) {
  const design = { ...sampleDesign(), edges: [] }
  const [first] = design.components
  if (!first) throw new Error('the sample has no component')
  const canvas = Object.assign(document.createElement('canvas'), size)
  const shown = { ...design, components: [{ ...first, id: 'c1', ...place }] }
  paintHeat(canvas, { design: shown, view: { x: 0, y: 0, zoom }, colours, size })
  const pixels = new Uint32Array(image?.data.buffer as ArrayBuffer)
  return (x: number, y: number) => pixels[y * size.width + x] ?? 0
}

it('fills the cells of a block, the idle expert in the first colour of the ramp and the other in the last', () => {
  showUsage({ c1: [0, 1] })
  const pixel = painted({ x: 20, y: 10 })
  const middle = 10 + Math.round((28 + (BLOCK_WIDTH - 28) / 2) * zoom)
  const colour = (x: number, y: number) => pixel(x, y) & 0xff
  expect(colour(middle - 1, 5)).toBe(1)
  expect(colour(middle, 5)).toBe(32)
  expect(pixel(10 + 13, 6)).toBe(0)
  expect(pixel(middle, 4)).toBe(0)
  expect(pixel(middle, 5 + BLOCK_HEIGHT * zoom - 1)).not.toBe(0)
  expect(pixel(middle, 5 + BLOCK_HEIGHT * zoom)).toBe(0)
})

it('shows a game in the colours of the experts, as opaque as they are used', () => {
  showGameUsage({ c1: [0, 1] })
  const pixel = painted({ x: 20, y: 10 })
  const middle = 10 + Math.round((28 + (BLOCK_WIDTH - 28) / 2) * zoom)
  expect([pixel(middle - 1, 5) >>> 24, pixel(middle, 5) >>> 24]).toEqual([Math.round(255 / 32), 255])
})

it('paints what is partly out of sight, and nothing of what is beyond', () => {
  showUsage({ c1: [0, 1] })
  expect(painted({ x: -100, y: 0 })(0, 0)).not.toBe(0)
  expect(painted({ x: 220, y: 0 })(99, 0)).toBe(0)
  const pixel = painted({ x: 150, y: 0 })
  expect(pixel(99, 0)).not.toBe(0)
  expect(pixel(0, 1)).toBe(0)
})
