import { expect, it } from 'vitest'
import { roomFor } from './chart_options'

it('gives the numbers of an axis the width that the longest needs', () => {
  expect(roomFor(null, null)).toBe(46)
  expect(roomFor(null, ['0', '50', '100'])).toBe(46)
  expect(roomFor(null, ['0', '0.0002', '0.00015'])).toBeGreaterThanOrEqual(56)
})
