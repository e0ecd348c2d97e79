import { expect, it } from 'vitest'
import { sampleDesign } from '../document/test_designs'
import { type Card, cardOf } from './card'
import { CARD_HEIGHT, CARD_WIDTH, drawCard, labelPlace, wrapped } from './card_drawing'
import { PALETTES } from './card_palette'
import { offersOf } from './offers'
import { exportableRun, listOf } from './test_exports'

interface Written {
  text: string
  left: number
  right: number
  y: number
}

const LETTER = 0.56

/** A canvas that notes what is written on it; every letter is as wide as 0.56 of its height. */
function notingContext() {
  const written: Written[] = []
  const places: { x: number; y: number; scale: number }[] = []
  let place = { x: 0, y: 0, scale: 1 }
  const size = (): number => Number(/(\d+(?:\.\d+)?)px/.exec(context.font)?.[1])
  const context = {
    font: '10px sans-serif',
    textAlign: 'left',
    measureText: (text: string) => ({ width: [...text].length * LETTER * size() }),
    save: () => places.push(place),
    restore: () => {
      place = places.pop() ?? place
    },
    translate: (x: number, y: number) => {
      place = { ...place, x: place.x + x * place.scale, y: place.y + y * place.scale }
    },
    scale: (by: number) => {
      place = { ...place, scale: place.scale * by }
    },
    fillText: (text: string, x: number, y: number) => {
      const width = context.measureText(text).width
      const start = context.textAlign === 'left' ? x : context.textAlign === 'right' ? x - width : x - width / 2
      const left = place.x + start * place.scale
      written.push({ text, left, right: left + width * place.scale, y: place.y + y * place.scale })
    },
    ...Object.fromEntries(
      ['fillRect', 'beginPath', 'roundRect', 'fill', 'stroke', 'moveTo', 'lineTo', 'setLineDash'].map((name) => [name, () => {}]),
    ),
  }
  return { context: context as unknown as CanvasRenderingContext2D, written }
}

function drawn(card: Card): Written[] {
  const { context, written } = notingContext()
  drawCard(context, card, PALETTES.light)
  return written
}

const [run] = offersOf(listOf(exportableRun('r1')), [])
if (!run) throw new Error('there is no run')

it('writes everything that the text alternative says', () => {
  const texts = drawn(cardOf(run, 'Tiny MLP', sampleDesign())).map(({ text }) => text)
  for (const text of ['Tiny MLP', '2,401', 'mean score in test games', '42,917', '15 min', '62 %', '256', 'design a1b2c3d4'])
    expect(texts).toContain(text)
})

it.each([
  [
    'a long name',
    'A network whose name is as long as a name may be, which is one hundred and twenty letters, and has no end in sight',
  ],
  ['one long word', 'W'.repeat(120)],
  ['a short name', 'x'],
])('nothing lies outside of the image: %s', (_, name) => {
  for (const design of [null, sampleDesign()]) {
    const texts = drawn(cardOf({ ...run, steps: 123_456_789_012, parameters: 99_999_999 }, name, design))
    for (const { text, left, right, y } of texts) {
      expect([text, left >= 40, right <= CARD_WIDTH - 40, y > 40, y <= CARD_HEIGHT - 40]).toEqual([text, true, true, true, true])
    }
  }
})

it('says where there is no drawing and no game', () => {
  const texts = drawn(cardOf({ ...run, evaluation: null, score: null }, 'Tiny MLP', null)).map(({ text }) => text)
  expect(texts).toContain('No test games were played.')
  expect(texts).toContain('no game was scored')
  expect(texts.join(' ')).toContain('The drawing of this run is not on this phone.')
})

it('denies no score and no test games that only the server knows of', () => {
  const unknown = { ...run, evaluation: null, score: null, onServer: false }
  const texts = drawn(cardOf(unknown, 'Tiny MLP', null)).map(({ text }) => text)
  expect(texts).not.toContain('no game was scored')
  expect(texts).not.toContain('No test games were played.')
  expect(texts).toContain('score not on this phone')
  expect(texts.join(' ')).toContain('The test games of this run are not on this phone.')
})

it('writes the share of a bar where no line of a rule crosses it', () => {
  expect(labelPlace(400, [])).toBe(386)
  expect(labelPlace(400, [520, 200])).toBe(386)
  expect(labelPlace(400, [380])).toBe(366)
  expect(labelPlace(400, [350, 380])).toBe(336)
})

it('wraps words into lines and cuts the last one', () => {
  const context = { measureText: (text: string) => ({ width: text.length }) as TextMetrics }
  expect(wrapped(context, 'one two three four', 8, 2)).toEqual(['one two', 'three f…'])
  expect(wrapped(context, 'one', 8, 2)).toEqual(['one'])
  expect(wrapped(context, 'overlengthword', 8, 2)).toEqual(['overlen…'])
})
