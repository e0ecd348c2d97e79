import { describe, expect, it } from 'vitest'
import { randomFrom } from '../document/test_designs'
import type { Evaluation, LiveMessage, TrainingUpdate } from '../generated/wire'
import { emptyHistory, headlineOf, newestEvaluations, placesOf, scoreSeries, takeMessages } from './run_history'
import { quietStatus } from './test_runs'

const update = (seq: number, steps = seq * 100) =>
  ({
    type: 'training_update',
    seq,
    run_id: 'r1',
    episode: seq,
    steps,
    steps_per_second: 1000,
    score: 500 + seq,
    reward: 1,
    loss: 1,
    policy_loss: 0,
    value_loss: 1,
    entropy: 1,
    approx_kl: 0,
    clip_fraction: 0,
    explained_variance: 0,
    learning_rate: 0.001,
    avg_game_length: 100,
    max_tile_frequency: {},
    board_state: [],
    moe: null,
    total_steps: 100_000,
    elapsed_s: 1,
    choice: null,
    processor_s: null,
  }) as TrainingUpdate

const evaluation = (seq: number, steps: number): Evaluation => ({
  type: 'evaluation',
  seq,
  run_id: 'r1',
  steps,
  policy: 'greedy',
  games: 10,
  mean_score: 900,
  median_score: 900,
  quartiles: [800, 1000],
  max_tile_frequency: {},
  random_score: 1000,
  greedy_score: 2900,
  baselines: {},
  board_reading: null,
  experts: {},
  processor_s: null,
})

const status = (seq: number, said: 'running' | 'stopped'): LiveMessage => ({
  ...quietStatus,
  type: 'run_status',
  seq,
  run_id: 'r1',
  status: said,
  reason: null,
  design_id: 'd1',
})

const checkpoint = (seq: number, score: number | null): LiveMessage => ({
  type: 'checkpoint_created',
  seq,
  run_id: 'r1',
  steps: seq * 100,
  score,
})

describe('takeMessages', () => {
  it('knows the checkpoint that scored best, the earlier of equals, whatever the order', () => {
    const scores = [null, 900, 1200, 1200, null, 1100]
    const messages = scores.map((score, place) => checkpoint(place + 1, score))
    for (const order of [messages, messages.toReversed()]) {
      const one = order.reduce((history, message) => takeMessages(history, [message]), emptyHistory('r1'))
      expect(one.best).toEqual({ steps: 300, score: 1200 })
      expect(takeMessages(emptyHistory('r1'), order).best).toEqual(one.best)
    }
    expect(takeMessages(emptyHistory('r1'), [checkpoint(1, null)]).best).toBeUndefined()
  })

  it('gives the same whatever the order, the pieces and the repeats', () => {
    const messages: LiveMessage[] = [
      status(1, 'running'),
      ...Array.from({ length: 60 }, (_, index) => update(index + 2)),
      evaluation(62, 3000),
      status(63, 'stopped'),
    ]
    const whole = takeMessages(emptyHistory('r1'), messages)
    for (let seed = 1; seed <= 30; seed++) {
      const random = randomFrom(seed)
      const shuffled = [...messages, ...messages.filter(() => random() < 0.3)].sort(() => random() - 0.5)
      let history = emptyHistory('r1')
      while (shuffled.length > 0) history = takeMessages(history, shuffled.splice(0, 1 + Math.floor(random() * 9)))
      expect(history).toEqual(whole)
    }
    expect(whole.status?.status).toBe('stopped')
    expect(whole.lastSeq).toBe(63)
  })

  it('forgets what lies beyond a checkpoint to which the run went back, whatever the order', () => {
    const messages: LiveMessage[] = [
      ...[100, 200, 300, 400].map((steps, index) => update(index + 1, steps)),
      evaluation(5, 300),
      evaluation(6, 400),
      status(7, 'running'),
      ...[250, 300, 350].map((steps, index) => update(index + 8, steps)),
    ]
    const random = randomFrom(7)
    for (let round = 0; round < 30; round++) {
      const shuffled = [...messages].sort(() => random() - 0.5)
      let history = emptyHistory('r1')
      while (shuffled.length > 0) history = takeMessages(history, shuffled.splice(0, 1 + Math.floor(random() * 4)))
      expect(history.updates.map(({ seq }) => seq)).toEqual([1, 2, 8, 9, 10])
      expect(history.evaluations).toEqual([])
      expect(scoreSeries(history).x).toEqual([100, 200, 250, 300, 350])
    }
  })

  it('ignores other runs', () => {
    const history = emptyHistory('r1')
    expect(takeMessages(history, [{ ...update(1), run_id: 'other' }])).toBe(history)
  })

  it('thins what is old and keeps what is new', () => {
    const many = Array.from({ length: 5000 }, (_, index) => update(index + 1))
    const { updates } = takeMessages(emptyHistory('r1'), many)
    expect(updates.length).toBeLessThanOrEqual(3800)
    expect(updates[0]?.seq).toBe(1)
    expect(updates.slice(-2000).map(({ seq }) => seq)).toEqual(Array.from({ length: 2000 }, (_, index) => 3001 + index))
  })
})

describe('scoreSeries', () => {
  it('puts scores and test games on one axis', () => {
    const history = takeMessages(emptyHistory('r1'), [update(1), update(3), evaluation(2, 200)])
    expect(scoreSeries(history)).toEqual({
      x: [100, 200, 300],
      score: [501, null, 503],
      evaluated: [null, 900, null],
      quartiles: { low: [null, 800, null], high: [null, 1000, null] },
      random: 1000,
      greedy: 2900,
    })
  })

  it('has one value a step, the newest', () => {
    const { x, score } = scoreSeries(takeMessages(emptyHistory('r1'), [update(1, 100), update(2, 200), update(3, 200)]))
    expect([x, score]).toEqual([
      [100, 200],
      [501, 503],
    ])
  })

  it('counts the minutes trained where that is the axis, also of test games between two updates', () => {
    const timed = (seq: number, steps: number, elapsed_s: number) => ({ ...update(seq, steps), elapsed_s })
    const messages = [timed(1, 100, 60), evaluation(2, 150), timed(3, 200, 180)]
    const history = takeMessages(emptyHistory('r1'), messages)
    expect(scoreSeries(history, 'minutes').x).toEqual([1, 3, 3])
    expect(placesOf(history.updates, 'minutes')).toEqual([1, 3])
    expect(placesOf(history.updates, 'moves')).toEqual([100, 200])
  })

  it('does not reach beyond the moves from which a run that ended would continue', () => {
    const history = takeMessages(emptyHistory('r1'), [update(1), update(2), evaluation(3, 200), update(4, 290)])
    expect(scoreSeries(history, 'moves', 200).x).toEqual([100, 200])
    expect(scoreSeries(history, 'moves', 150).evaluated).toEqual([null])
  })

  it('has no baselines before a test game said them', () => {
    expect(scoreSeries(takeMessages(emptyHistory('r1'), [update(1)])).random).toBeUndefined()
  })
})

describe('newestEvaluations', () => {
  it('has the newest of each way of playing, as they were played', () => {
    const sampled = (seq: number, steps: number): Evaluation => ({ ...evaluation(seq, steps), policy: 'sampled' })
    const rounds = [sampled(1, 100), evaluation(2, 100), sampled(3, 200), evaluation(4, 200), sampled(5, 300)]
    const history = takeMessages(emptyHistory('r1'), rounds)
    expect(newestEvaluations(history).map(({ seq, policy }) => [seq, policy])).toEqual([
      [4, 'greedy'],
      [5, 'sampled'],
    ])
    expect(newestEvaluations(emptyHistory('r1'))).toEqual([])
  })
})

describe('headlineOf', () => {
  it('is the score of the most likely move, which an exported network plays', () => {
    const sampled: Evaluation = { ...evaluation(3, 100), policy: 'sampled' }
    expect(headlineOf(takeMessages(emptyHistory('r1'), [evaluation(1, 100), sampled]))?.seq).toBe(1)
    expect(headlineOf(takeMessages(emptyHistory('r1'), [sampled]))?.seq).toBe(3)
    expect(headlineOf(emptyHistory('r1'))).toBeUndefined()
  })
})

describe('progress of test games', () => {
  it('is the newest, whatever the order', () => {
    const progress = (seq: number, games_done: number): LiveMessage => ({
      type: 'evaluation_progress',
      seq,
      run_id: 'r1',
      steps: 100,
      games_done,
      games: 128,
      board_state: [],
    })
    for (const order of [
      [progress(1, 10), progress(2, 40)],
      [progress(2, 40), progress(1, 10)],
    ])
      expect(takeMessages(emptyHistory('r1'), order).progress?.games_done).toBe(40)
  })
})
