import { expect, it } from 'vitest'
import { factsOf } from './facts'
import { placeAt, recordWith, testAt } from './test_records'

it('puts the numbers of runs side by side and marks the best score and speed', () => {
  const slow = recordWith('r1', { tests: [testAt(500, 9000), testAt(1000, 700)] })
  const fast = recordWith('r2', { newest: { ...placeAt(1000, null), seconds: 5 } })
  const untested = recordWith('r3', { tests: [], newest: null })
  const facts = factsOf([slow, fast, untested], { r1: { parameters: 41_000, flops: 82_000, memory: 36e6 } })
  const row = (name: string) => facts.find(({ title }) => title === name)
  expect(row('Test score')).toEqual({ title: 'Test score', values: ['700', '900', null], best: new Set([1]) })
  expect(row('Moves per second')).toEqual({ title: 'Moves per second', values: ['100', '200', null], best: new Set([1]) })
  expect(row('Processor time')?.values).toEqual(['20 s', null, null])
  expect(row('Parameters')?.values).toEqual(['41,000', null, null])
  expect(row('Memory to train')?.values).toEqual(['36 MB', null, null])
  expect(row('Largest tile')?.values).toEqual(['512', '512', null])
  expect(row('Games with that tile')?.values).toEqual(['25 %', '25 %', null])
})

it('marks nothing where all are the same', () => {
  const [score] = factsOf([recordWith('r1'), recordWith('r2')], {})
  expect(score?.best.size).toBe(0)
})
