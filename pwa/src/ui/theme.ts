/** The colours of the app, as the phone is set or as the person chose: stylesheets follow `data-theme` of the root element. */

export const THEMES = { system: 'As the phone', light: 'Light', dark: 'Dark' } as const

export type Theme = keyof typeof THEMES

const KEY = 'model-studio-theme'
const DARK = '(prefers-color-scheme: dark)'
/** what the browser draws around the page, in the colour of the header */
const BAR = { light: '#ffffff', dark: '#1c1e23' }

let chosen: Theme | undefined
const listeners = new Set<() => void>()

/** What the person chose; the phone's own setting where nothing was chosen or nothing can be remembered. */
export function themeNow(): Theme {
  chosen ??= stored()
  return chosen
}

function stored(): Theme {
  try {
    const text = localStorage.getItem(KEY)
    return text !== null && text in THEMES ? (text as Theme) : 'system'
  } catch {
    return 'system'
  }
}

/** Choose the colours; they last as long as the page where the browser remembers nothing. */
export function chooseTheme(theme: Theme): void {
  chosen = theme
  try {
    localStorage.setItem(KEY, theme)
  } catch {
    // full, or forbidden in private browsing
  }
  apply()
}

const phoneIsDark = (): boolean => globalThis.matchMedia?.(DARK).matches ?? false

export const isDark = (): boolean => themeNow() === 'dark' || (themeNow() === 'system' && phoneIsDark())

function apply(): void {
  const shown = isDark() ? 'dark' : 'light'
  document.documentElement.dataset.theme = shown
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) meta.content = BAR[shown]
  for (const listener of [...listeners]) listener()
}

/** Show the colours from now on, as the phone's setting changes and as another tab chooses. */
export function startTheme(): void {
  apply()
  globalThis.matchMedia?.(DARK).addEventListener?.('change', apply)
  globalThis.addEventListener('storage', ({ key }) => {
    if (key !== KEY && key !== null) return
    chosen = undefined
    apply()
  })
}

/** Call `listener` when the colours change; returns how to stop. */
export function onTheme(listener: () => void): () => void {
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
  }
}
