import { expect, it } from 'vitest'
import { comparedRuns, compareHref } from './results'
import { LEADERBOARD } from './router'

it('reads the compared runs that it wrote', () => {
  expect(comparedRuns(compareHref(['r1', 'r2b']))).toEqual(['r1', 'r2b'])
  expect(comparedRuns(compareHref([]))).toEqual([])
  expect(comparedRuns(LEADERBOARD)).toBeUndefined()
})

it('takes each run once, at most six, and nothing that is no id', () => {
  expect(comparedRuns('#/compare/r1,r1,../x,R2,,r3')).toEqual(['r1', 'r3'])
  expect(comparedRuns('#/compare/a,b,c,d,e,f,g')).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
})
