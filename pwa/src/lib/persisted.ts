/** Values that the phone remembers in `localStorage`, which may be full, forbidden or hold what an older version wrote. */

export interface Persisted<T> {
  /** The stored value, or the one without which the app can work where there is none. */
  read(): T
  /** Store a value; where the browser does not let it be stored, it lasts as long as the page. */
  write(value: T): void
}

/**
 * One remembered value.
 *
 * `parse` gets what is stored: JSON, a text that is no JSON, or undefined for nothing, and returns a valid value of any of them.
 */
export function persisted<T>(key: string, parse: (stored: unknown) => T): Persisted<T> {
  return {
    read: () => parse(storedUnder(key)),
    write: (value) => {
      try {
        localStorage.setItem(key, JSON.stringify(value))
      } catch {
        // full, or forbidden in private browsing: what is remembered is only ever a convenience
      }
    },
  }
}

function storedUnder(key: string): unknown {
  let text: string | null
  try {
    text = localStorage.getItem(key)
  } catch {
    return undefined // forbidden: even the access to `localStorage` throws
  }
  if (text === null) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text // older versions stored plain words
  }
}

/** A stored object as a record of strings to values; empty where something else is stored. */
export const recordOf = <T>(stored: unknown): Record<string, T> =>
  typeof stored === 'object' && stored !== null && !Array.isArray(stored) ? (stored as Record<string, T>) : {}
