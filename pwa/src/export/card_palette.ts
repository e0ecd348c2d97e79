/** The colours of a model card, which can be drawn light on a dark phone and dark on a light one: those of `ui/tokens.css`. */

import type { Scheme } from '../ui/theme'

export interface Palette {
  paper: string
  surface: string
  sunken: string
  line: string
  'line-strong': string
  ink: string
  'ink-2': string
  'ink-3': string
  /** of the kinds of blocks, by their index */
  kinds: readonly string[]
}

export const PALETTES: Record<Scheme, Palette> = {
  light: {
    paper: '#f4f3ef',
    surface: '#ffffff',
    sunken: '#eae8e1',
    line: '#dcd9d0',
    'line-strong': '#c4c0b4',
    ink: '#1a1c21',
    'ink-2': '#4b4f59',
    'ink-3': '#666a74',
    kinds: ['#0c727c', '#2862bd', '#6a4cc6', '#b04f07', '#8a6508', '#576070', '#a32f79', '#766e60', '#4a6f12', '#8a4a44'],
  },
  dark: {
    paper: '#121316',
    surface: '#1c1e23',
    sunken: '#0c0d0f',
    line: '#2c2f36',
    'line-strong': '#444852',
    ink: '#eceef2',
    'ink-2': '#b6bac4',
    'ink-3': '#9297a3',
    kinds: ['#4cc0ca', '#82b1ff', '#ad9bff', '#ffac66', '#dfbd4e', '#a4adbc', '#ee90ca', '#b8b0a1', '#a5cc62', '#dfa39c'],
  },
}
