import { expect, it } from 'vitest'
import { byteWords, duration, exactly, percent, percentDone, plural, roughly } from './numbers'

it('writes numbers as a person reads them', () => {
  expect(exactly(412677)).toBe('412,677')
  expect(roughly(412677)).toBe('0.41 M')
  expect(roughly(3482.6)).toBe('3.5k')
  expect(roughly(950)).toBe('950')
  expect(roughly(0)).toBe('0')
  expect([0, 950, 412_677, 9_312_000, 1_209_000_000, 38_000_000].map(byteWords)).toEqual([
    '0 B',
    '950 B',
    '413 kB',
    '9.31 MB',
    '1.21 GB',
    '38 MB',
  ])
  expect(percent(0.423)).toBe('42 %')
  expect([0.998, 1, 0.29].map(percentDone)).toEqual(['99 %', '100 %', '29 %'])
  expect(duration(200)).toBe('3 min')
  expect(duration(5400)).toBe('1 h 30 min')
  expect(duration(0.2)).toBe('1 s')
  expect(plural(1, 'problem')).toBe('1 problem')
  expect(plural(2, 'problem')).toBe('2 problems')
})
