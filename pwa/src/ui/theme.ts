/** The theme of the app: light, dark, or that of the system; it is set before anything is drawn. */

import { persisted } from '../lib/persisted'

export type Theme = 'system' | 'light' | 'dark'
export type Scheme = 'light' | 'dark'

const THEMES: readonly unknown[] = ['light', 'dark']
const stored = persisted<Theme>('model-studio-theme', (value) => (THEMES.includes(value) ? (value as Theme) : 'system'))
const DARK = '(prefers-color-scheme: dark)'

const listeners = new Set<() => void>()
let theme: Theme = 'system'
/** the token whose colour the bars of the system take */
let edge: '--paper' | '--surface' = '--paper'

/** The theme that was chosen. */
export const themeNow = (): Theme => theme

/** What is shown: the theme, or the scheme of the system where that is the theme. */
export function schemeNow(): Scheme {
  if (theme !== 'system') return theme
  return globalThis.matchMedia?.(DARK).matches ? 'dark' : 'light'
}

/** Choose a theme; it is kept on this phone. */
export function setTheme(chosen: Theme): void {
  theme = chosen
  stored.write(chosen)
  show()
}

/** Let the bars of the system have the colour of what touches them: a background, or a header. */
export function setEdge(token: typeof edge): void {
  edge = token
  colourBars()
}

/** Show the stored theme, and follow the system from now on; returns a function that stops this. */
export function startTheme(): () => void {
  theme = stored.read()
  show()
  const system = globalThis.matchMedia?.(DARK)
  system?.addEventListener('change', show)
  return () => system?.removeEventListener('change', show)
}

/** Call `listener` when another colour scheme is shown; returns a function that unsubscribes. */
export function onScheme(listener: () => void): () => void {
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
  }
}

function show(): void {
  const scheme = schemeNow()
  if (document.documentElement.dataset.theme === scheme) return
  document.documentElement.dataset.theme = scheme
  colourBars()
  for (const listener of [...listeners]) listener()
}

function colourBars(): void {
  const colour = getComputedStyle(document.documentElement).getPropertyValue(edge).trim()
  // before the stylesheet has arrived the colours of the page itself stay
  if (!colour) return
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) meta.content = colour
}
