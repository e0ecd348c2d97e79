import { afterEach, describe, expect, it, vi } from 'vitest'
import { dateWriter, numberWriter, repairLanguages, validLocales } from './locale'

const INVALID = ['C', 'POSIX.UTF-8', 'en_US.UTF-8', '', '*', undefined]

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

describe('a locale that does not exist', () => {
  it.each(INVALID)('%j gives way to the next valid one, or to English', (named) => {
    expect(validLocales([named])).toEqual(['en'])
    expect(validLocales([named, 'de-CH', 'fr'])).toEqual(['de-CH', 'fr'])
  })

  it('is not named by the browser any more, so that no library meets it', () => {
    const browser = { language: 'C', languages: ['C'] as readonly string[] }
    expect(() => new Intl.NumberFormat(browser.language)).toThrow(RangeError)
    repairLanguages(browser)
    expect(browser).toMatchObject({ language: 'en', languages: ['en'] })
    expect(new Intl.NumberFormat(browser.language).format(1)).toBe('1')
  })

  it('takes the first valid one that the browser names beside it', () => {
    const browser = { language: 'C', languages: ['C', 'de-CH', 'en'] as readonly string[] }
    repairLanguages(browser)
    expect(browser).toMatchObject({ language: 'de-CH', languages: ['de-CH', 'en'] })
  })

  it('does not keep the app from starting where the browser does not let it be replaced', () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {})
    const browser = { languages: ['C'] as readonly string[] } as { language: string; languages: readonly string[] }
    Object.defineProperty(browser, 'language', { get: () => 'C' })
    expect(() => repairLanguages(browser)).not.toThrow()
    expect(browser.languages).toEqual(['en'])
    expect(() => repairLanguages(Object.freeze({ language: 'C', languages: ['C'] }))).not.toThrow()
  })

  it('is written in English', () => {
    vi.stubGlobal('navigator', { language: 'C' })
    expect(numberWriter('C')(412677)).toBe('412,677')
    expect(dateWriter({ day: 'numeric', month: 'short', timeZone: 'UTC' })(new Date('2026-11-29'))).toBe('Nov 29')
  })
})

it('valid languages of a browser stay as they are', () => {
  const languages = Object.freeze(['de-CH', 'en'])
  const browser = { language: 'de-CH', languages }
  repairLanguages(browser)
  expect(browser.languages).toBe(languages)
})

it('numbers and dates are written where Intl cannot be used at all', () => {
  vi.stubGlobal('Intl', undefined)
  expect(numberWriter('en-US')(1234)).toBe('1234')
  expect(dateWriter({ day: 'numeric' })(new Date('2026-11-29T10:00:00Z'))).toBe('2026-11-29')
})
