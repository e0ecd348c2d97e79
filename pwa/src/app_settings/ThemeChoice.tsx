/** The colours of the app: as the phone is set, light or dark. */

import { useState } from 'react'
import { setTheme, type Theme, themeNow } from '../ui/theme'

const THEMES: readonly [theme: Theme, words: string][] = [
  ['system', 'System'],
  ['light', 'Light'],
  ['dark', 'Dark'],
]

export function ThemeChoice() {
  const [chosen, setChosen] = useState(themeNow)
  const choose = (theme: Theme) => {
    setTheme(theme)
    setChosen(theme)
  }
  return (
    <fieldset className="theme-choice" aria-label="Theme">
      {THEMES.map(([theme, words]) => (
        <label key={theme}>
          <input
            type="radio"
            name="theme"
            className="sr-only"
            value={theme}
            checked={theme === chosen}
            onChange={() => choose(theme)}
          />
          <span>{words}</span>
        </label>
      ))}
    </fieldset>
  )
}
