/** The colours of the app: as the phone is set, light or dark. */

import { useSyncExternalStore } from 'react'
import { chooseTheme, onTheme, THEMES, type Theme, themeNow } from '../ui/theme'

export function ThemeChoice() {
  const chosen = useSyncExternalStore(onTheme, themeNow)
  return (
    <fieldset className="theme-choice" aria-label="Theme">
      {Object.entries(THEMES).map(([theme, words]) => (
        <label key={theme}>
          <input
            type="radio"
            name="theme"
            className="sr-only"
            value={theme}
            checked={theme === chosen}
            onChange={() => chooseTheme(theme as Theme)}
          />
          <span>{words}</span>
        </label>
      ))}
    </fieldset>
  )
}
