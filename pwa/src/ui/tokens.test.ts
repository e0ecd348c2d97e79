import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const sources = join(import.meta.dirname, '..')
const tokens = readFileSync(join(import.meta.dirname, 'tokens.css'), 'utf8')
const [light = '', dark = ''] = tokens.split(':root[data-theme="dark"]')

/** The relative luminance of a colour such as `#1a1c21` (WCAG 2). */
function luminance(colour: string): number {
  const parts = [1, 3, 5].map((start) => Number.parseInt(colour.slice(start, start + 2), 16) / 255)
  const [r = 0, g = 0, b = 0] = parts.map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(one: string, other: string): number {
  const [high = 0, low = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (high + 0.05) / (low + 0.05)
}

const READ_ON: Record<string, string[]> = {
  ...Object.fromEntries(['ink', 'ink-2'].map((name) => [name, ['paper', 'surface', 'sunken']])),
  'ink-3': ['paper', 'surface'],
  'on-ink': ['ink'],
  good: ['good-soft', 'surface'],
  bad: ['bad-soft', 'surface'],
  warn: ['warn-soft', 'surface'],
  ...Object.fromEntries(
    ['keyword', 'string', 'number', 'name', 'comment'].map((part) => [`code-${part}`, ['surface', 'sunken']]),
  ),
}

describe.each([
  ['light', light],
  ['dark', dark],
])('the %s theme', (_, css) => {
  const colour = (name: string) => new RegExp(`--${name}: (#\\w{6})`).exec(css)?.[1] ?? ''
  it.each(Object.entries(READ_ON))('%s can be read on what it stands on', (name, grounds) => {
    for (const ground of grounds) expect(contrast(colour(name), colour(ground))).toBeGreaterThanOrEqual(4.5)
  })
})

/** Stylesheets of what is no text of the app: the page of a failed start has no tokens, the drawing, plots and small boards are zoomed. */
const OWN_COLOURS = ['failure.css', 'tokens.css']
const OWN_SIZES = [...OWN_COLOURS, 'canvas.css', 'canvas/block.css', 'heat.css', 'race.css', 'parallel-plot.css']

it('colours, sizes of text and durations are tokens everywhere', () => {
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.css'))
  expect(files.length).toBeGreaterThan(30)
  for (const file of files) {
    const css = readFileSync(join(sources, file), 'utf8').replace(/\/\*.*?\*\//gs, '')
    const is = (names: string[]) => names.some((name) => file.endsWith(name))
    if (!is(OWN_COLOURS)) expect([file, css.match(/#[\da-f]{3,8}\b|rgba?\([^)]*\)|\b[\d.]+m?s\b/gi)]).toEqual([file, null])
    // the theme may differ from that of the system: `data-theme` says which one is shown
    if (!is(['failure.css'])) expect([file, css.includes('prefers-color-scheme')]).toEqual([file, false])
    if (!is(OWN_SIZES)) expect([file, css.match(/font-size: [\d.]+(px|rem)/g)]).toEqual([file, null])
  }
})
