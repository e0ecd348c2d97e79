// @vitest-environment jsdom

import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { persisted, recordOf } from './persisted'

const sizes = persisted('sizes', recordOf<number>)
const dismissed = persisted('dismissed', (stored) => stored !== undefined)

beforeEach(() => localStorage.clear())
afterEach(() => vi.unstubAllGlobals())

it('gives back what was stored, also after a restart', () => {
  expect(sizes.read()).toEqual({})
  sizes.write({ d1: 12 })
  expect(sizes.read()).toEqual({ d1: 12 })
  expect(persisted('sizes', recordOf<number>).read()).toEqual({ d1: 12 })
})

it.each(['', '{', 'null', '[1]', '7', '"text"'])('lets its reader make something of what is no such value: %s', (text) => {
  localStorage.setItem('sizes', text)
  expect(sizes.read()).toEqual({})
})

it('reads the plain word that an older version stored', () => {
  localStorage.setItem('dismissed', 'yes')
  expect(dismissed.read()).toBe(true)
})

it('costs only the memory where the browser forbids storage, or is full', () => {
  vi.stubGlobal('localStorage', undefined)
  Object.defineProperty(globalThis, 'localStorage', {
    configurable: true,
    get: () => {
      throw new DOMException('forbidden', 'SecurityError')
    },
  })
  sizes.write({ d1: 12 })
  expect(sizes.read()).toEqual({})
  vi.unstubAllGlobals()
  const full = vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
    throw new DOMException('full', 'QuotaExceededError')
  })
  sizes.write({ d1: 12 })
  expect(full).toHaveBeenCalledOnce()
  full.mockRestore()
  expect(sizes.read()).toEqual({})
})
