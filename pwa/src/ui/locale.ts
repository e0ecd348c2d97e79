/** The one place that uses `Intl`: some systems name a locale that does not exist (`C`), and every `Intl` call with it throws. */

const FALLBACK = 'en'

const isValid = (locale: unknown): locale is string => {
  try {
    return typeof locale === 'string' && Intl.getCanonicalLocales(locale).length === 1
  } catch {
    return false
  }
}

/** Those locales that `Intl` takes, in order; English where there is none. */
export function validLocales(named: readonly unknown[]): string[] {
  const valid = named.filter(isValid)
  return valid.length > 0 ? valid : [FALLBACK]
}

/** The part of `navigator` that is repaired, which pages and workers have. */
interface Languages {
  readonly language: string
  readonly languages: readonly string[]
}

/**
 * Let `navigator.language` and `navigator.languages` name valid locales only. Libraries pass them to `Intl` while they are
 * loaded, so this has to run before they are imported. Where the browser does not let them be changed they stay, and a library
 * that does so must not be needed for the start.
 */
export function repairLanguages(target: Languages = globalThis.navigator): void {
  const named = [target.language, ...(target.languages ?? [])]
  if (named.every(isValid)) return
  const languages = Object.freeze([...new Set(validLocales(named))])
  redefine(target, 'language', () => languages[0])
  redefine(target, 'languages', () => languages)
}

function redefine(target: object, name: string, get: () => unknown): void {
  try {
    Object.defineProperty(target, name, { get, configurable: true })
  } catch (error) {
    console.warn(`navigator.${name} names no valid locale and cannot be changed:`, error)
  }
}

/** Writes numbers as a locale does, with plain digits where `Intl` refuses. */
export function numberWriter(locale: string): (value: number) => string {
  try {
    const format = new Intl.NumberFormat(validLocales([locale]))
    return (value) => format.format(value)
  } catch {
    return String
  }
}

/** Writes dates as the person's locale does, as year, month and day where `Intl` refuses. */
export function dateWriter(options: Intl.DateTimeFormatOptions): (date: Date) => string {
  try {
    const format = new Intl.DateTimeFormat(validLocales([globalThis.navigator?.language]), options)
    return (date) => format.format(date)
  } catch {
    return (date) => date.toISOString().slice(0, 10)
  }
}

/** Orders names as a person would, "Net 2" before "Net 10"; by their characters where `Intl` refuses. */
export const compareNames = nameOrder()

function nameOrder(): (a: string, b: string) => number {
  try {
    const locale = validLocales([globalThis.navigator?.language])
    const { compare } = new Intl.Collator(locale, { numeric: true, sensitivity: 'base' })
    return compare
  } catch {
    return (a, b) => (a < b ? -1 : a > b ? 1 : 0)
  }
}
