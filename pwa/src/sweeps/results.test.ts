import { expect, it } from 'vitest'
import { plotAxes, progressOf, rowsOf, settingsOf, stateOf } from './results'
import { sweepOf, trialOf } from './test_sweeps'

const finished = trialOf(1, { phase: 'ended', outcome: 'finished', score: 900, scores: [500], steps: 900 })
const early = trialOf(2, { phase: 'ended', outcome: 'stopped_early', score: 1200, scores: [300], steps: 310 })
const training = trialOf(3, { phase: 'training', score: 100, steps: 20 })
const waiting = trialOf(4)

it('puts the best trial first, then the others by their scores', () => {
  const sweep = sweepOf([waiting, training, early, finished], { best: 3 })
  expect(rowsOf(sweep).map(({ number, best }) => [number, best])).toEqual([
    [4, true],
    [3, false],
    [2, false],
    [1, false],
  ])
})

it('says how it stands', () => {
  expect(progressOf(sweepOf([finished, early, training, waiting]))).toBe('1 of 4 runs finished, 1 stopped early, still running')
  expect(progressOf(sweepOf([finished, early], { status: 'finished' }))).toBe('1 of 2 runs finished, 1 stopped early')
  expect(progressOf(sweepOf([finished], { status: 'finished', reason: 'Its 5 minutes are over' }))).toMatch(/\. Its 5 minutes/)
  expect(progressOf(sweepOf([finished], { status: 'stopped' }))).toMatch(/ended by you/)
  expect([finished, early, training, waiting, trialOf(5, { phase: 'held' })].map(stateOf)).toEqual([
    'finished',
    'stopped early',
    'training',
    'waiting',
    'held',
  ])
  expect(stateOf(trialOf(1, { phase: 'training', scores: [3] }))).toBe('goes on')
  expect(stateOf(trialOf(1, { phase: 'ended', outcome: 'failed' }))).toBe('failed')
})

it('places values between the ends of their line', () => {
  const [axis, score] = plotAxes(sweepOf([finished, early, training, waiting]), null)
  expect(axis).toEqual({ title: 'Learning rate', bottom: '0.001', top: '0.004', places: [0, 1 / 3, 2 / 3, 1] })
  expect(score?.places).toEqual([(900 - 100) / 1100, 1, 0, undefined])
  expect([score?.bottom, score?.top]).toEqual(['100', '1200'])
})

it('spaces several magnitudes by factors, and words in their order', () => {
  const magnitudes = sweepOf([1e-4, 1e-3, 1e-2].map((value, index) => trialOf(index, { values: [value] })))
  expect(plotAxes(magnitudes, null)[0]?.places.map((place) => place?.toFixed(3))).toEqual(['0.000', '0.500', '1.000'])
  const words = sweepOf(['ppo', 'afterstate_td', 'ppo'].map((value, index) => trialOf(index, { values: [value] })))
  expect(plotAxes(words, null)[0]).toMatchObject({ bottom: 'ppo', top: 'afterstate td', places: [0, 1, 0] })
  expect(plotAxes(sweepOf([trialOf(1)]), null)[0]?.places).toEqual([0.5])
})

it('knows the settings of a trial', () => {
  const axes = [
    { kind: 'setting', name: 'learning_rate' },
    { kind: 'design', name: 'd_model' },
  ] as const
  const sweep = sweepOf([trialOf(1, { values: [0.5, 64] })], { spec: { axes: [...axes], settings: { total_steps: 900 } } })
  expect(settingsOf(sweep, sweep.trials[0] ?? waiting)).toEqual({ total_steps: 900, learning_rate: 0.5 })
})
