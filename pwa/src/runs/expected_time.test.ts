import { beforeEach, expect, it } from 'vitest'
import { rememberExpected, slowWords } from './expected_time'
import { trainingRun } from './test_runs'

const run = { ...trainingRun, config: { total_steps: 1000 } }
const WORDS = 'Slower than the forecast of 2 min: the server is busy with other work, or slower than measured'

beforeEach(() => {
  const stored = new Map<string, string>()
  globalThis.localStorage = {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
  } as Storage
  rememberExpected('d1', 1000, 120)
})

it('says that a run is much slower than its forecast, with the time left where that is known', () => {
  expect(slowWords(run, 240, 1500)).toBe(`${WORDS}; about 25 min left.`)
  expect(slowWords(run, 300, undefined)).toBe(`${WORDS}.`)
})

it('says nothing of a run about as fast as forecast', () => {
  expect(slowWords(run, 100, 60)).toBeUndefined()
  expect(slowWords(run, 230, 0)).toBeUndefined()
})

it('says nothing of another run, or of one without a forecast', () => {
  expect(slowWords({ ...run, config: { total_steps: 2000 } }, 900, 900)).toBeUndefined()
  rememberExpected('d1', 1000, undefined)
  expect(slowWords(run, 900, 900)).toBeUndefined()
})
