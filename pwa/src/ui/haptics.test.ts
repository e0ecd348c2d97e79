import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { vibrate } from './haptics'

const motor = vi.fn()
beforeEach(() => motor.mockReset())
afterEach(() => vi.unstubAllGlobals())

const phone = (fields: object) => vi.stubGlobal('navigator', { vibrate: motor, ...fields })

it('confirms what was done, each in its own way', () => {
  phone({ userActivation: { hasBeenActive: true } })
  vibrate('connect')
  vibrate('refuse')
  expect(motor.mock.calls.map(([pattern]) => pattern.length)).toEqual([1, 3])
})

it('is still before the first touch, for those who want few movements, and on phones without a motor', () => {
  phone({ userActivation: { hasBeenActive: false } })
  vibrate('snap')
  phone({})
  vi.stubGlobal('matchMedia', (query: string) => ({ matches: query.includes('reduced-motion') }))
  vibrate('snap')
  vi.stubGlobal('navigator', {})
  expect(() => vibrate('snap')).not.toThrow()
  expect(motor).not.toHaveBeenCalled()
})
