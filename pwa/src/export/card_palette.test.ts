import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Scheme } from '../ui/theme'
import { PALETTES } from './card_palette'

const tokens = readFileSync(join(import.meta.dirname, '..', 'ui', 'tokens.css'), 'utf8')
const [light = '', dark = ''] = tokens.split(':root[data-theme="dark"]')

const colour = (css: string, name: string): string | undefined => new RegExp(`--${name}: (#\\w+)`).exec(css)?.[1]

it.each<[Scheme, string]>([
  ['light', light],
  ['dark', dark],
])('the %s card has the colours of the app', (scheme, css) => {
  const { kinds, ...named } = PALETTES[scheme]
  for (const [name, value] of Object.entries(named)) expect([name, value]).toEqual([name, colour(css, name)])
  expect(kinds).toEqual(kinds.map((_, index) => colour(css, `kind-${index}`)))
  expect(colour(css, `kind-${kinds.length}`)).toBeUndefined()
})
