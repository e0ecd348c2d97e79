import { describe, expect, it } from 'vitest'
import { aligned } from './curves'
import { pointAt, recordWith, testAt } from './test_records'

const short = recordWith('r1', { points: [pointAt(100, 10), pointAt(300, 30)] })
const long = recordWith('r2', { points: [pointAt(200, 20), pointAt(300, 35), pointAt(600, 60)], tests: [testAt(600, 99)] })

describe('curves on one axis', () => {
  it('have a value only where their own run has one', () => {
    expect(aligned([short, long], 'moves', 'training')).toEqual({
      x: [100, 200, 300, 600],
      values: [
        [10, null, 30, null],
        [null, 20, 35, 60],
      ],
    })
  })

  it('are over minutes of training, or of processor time', () => {
    expect(aligned([short, long], 'minutes', 'training').x).toEqual([1, 2, 3, 6].map((minute) => minute / 60))
    expect(aligned([long], 'processor', 'training').x).toEqual([4 / 60, 6 / 60, 12 / 60])
  })

  it('leave out a run whose processor time was not measured, on that axis alone', () => {
    const old = recordWith('r3', { points: [pointAt(100, 10, null)] })
    expect(aligned([old, short], 'processor', 'training')).toEqual({
      x: [2 / 60, 6 / 60],
      values: [
        [null, null],
        [10, 30],
      ],
    })
    expect(aligned([old], 'moves', 'training').values).toEqual([[10]])
  })

  it('are of test games where those are asked for', () => {
    const none = recordWith('r1', { tests: [] })
    expect(aligned([none, long], 'moves', 'tests')).toEqual({ x: [600], values: [[null], [99]] })
    expect(aligned([none], 'moves', 'tests').x).toEqual([])
  })

  it('have one value at a place', () => {
    const twice = recordWith('r1', { points: [pointAt(100, 10), pointAt(100, 11)] })
    expect(aligned([twice], 'moves', 'training')).toEqual({ x: [100], values: [[11]] })
  })
})
