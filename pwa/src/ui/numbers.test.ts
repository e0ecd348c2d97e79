import { expect, it } from 'vitest'
import { atAxis, byteWords, duration, exactly, percent, percentDone, plural, roughly } from './numbers'

it('writes numbers as a person reads them', () => {
  expect(exactly(412677)).toBe('412,677')
  const rough = { 0: '0', 950: '950', 3482.6: '3,483', 412677: '412,677', 999999.6: '1.00 M', 1204224: '1.20 M' }
  for (const [value, text] of Object.entries(rough)) expect(roughly(Number(value))).toBe(text)
  expect([12_345_678, 123_456_789, 999_600_000, 2_500_000_000, 0.0421, -3482.6].map(roughly)).toEqual([
    '12.3 M',
    '123 M',
    '1.00 G',
    '2.50 G',
    '0.042',
    '-3,483',
  ])
  expect([0, 0.25, 0.0004, 200, 5000, 20_000, 12_500, 1_500_000, 2e9].map(atAxis)).toEqual([
    '0',
    '0.25',
    '0.0004',
    '200',
    '5,000',
    '20 k',
    '12.5 k',
    '1.5 M',
    '2 G',
  ])
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
