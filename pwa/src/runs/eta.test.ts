import { describe, expect, it } from 'vitest'
import { randomFrom } from '../document/test_designs'
import type { TrainingUpdate } from '../generated/wire'
import { secondsLeft, steadySeconds } from './eta'

const TOTAL = 100_000
const at = (steps: number, elapsed_s: number) => ({ steps, elapsed_s, total_steps: TOTAL }) as TrainingUpdate
const left = (updates: TrainingUpdate[], rollout = 1) => secondsLeft(updates, rollout, updates.at(-1)?.total_steps ?? 0)

describe('secondsLeft', () => {
  it('goes by the pace of the last minutes, whatever came before', () => {
    expect(left([at(0, 0), at(1000, 10), at(2000, 20)])).toBe(980)
    const slowBefore = Array.from({ length: 9 }, (_, index) => at(index, index * 1000))
    const fast = Array.from({ length: 30 }, (_, index) => at(1000 * (index + 1), 8000 + 10 * (index + 1)))
    expect(left([...slowBefore, ...fast])).toBeCloseTo(700)
  })

  it('is not told before a rollout with its learning is over, or of a run without an end', () => {
    expect(left([])).toBeUndefined()
    expect(left([at(500, 100)])).toBeUndefined()
    const first = [at(10, 0), at(600, 2), at(1000, 3), at(1000, 6), at(1400, 8)]
    expect(left(first, 1000)).toBeUndefined()
    expect(left([...first, at(2000, 10)], 1000)).toBe(98 * 7)
    const endless = [at(0, 0), at(1000, 10), at(2000, 20)].map((update) => ({ ...update, total_steps: 0 }))
    expect(left(endless)).toBeUndefined()
  })

  it('knows the pace at once when a run goes on from a checkpoint, and counts nothing of the step back', () => {
    const before = [at(0, 0), at(10_000, 50), at(20_000, 100), at(30_000, 150)]
    expect(left([...before, at(20_000, 100.4)])).toBe(400)
    expect(left([...before, at(20_000, 100), at(21_000, 105), at(22_000, 110)])).toBe(390)
  })
})

/** What a run tells that plays 3 s and learns 7 s, with test games now and then, and what it ought to say of the time left. */
function* toldBy(seed: number): Generator<{ updates: TrainingUpdate[]; truth: number }> {
  const random = randomFrom(seed)
  const [rollout, total, updates] = [4000, 200_000, [] as TrainingUpdate[]]
  let [steps, seconds, testedAt] = [0, 0, 0]
  const tell = () => updates.push({ ...at(Math.floor(steps), seconds), total_steps: total })
  while (steps < total) {
    const slowness = 0.9 + 0.2 * random()
    const end = steps + rollout
    for (; steps < end; steps += rollout / 10, seconds += 0.3 * slowness) tell()
    for (let tick = 0; tick < 20; tick++, seconds += 0.35 * slowness) tell()
    if (seconds - testedAt > 200) {
      for (let tick = 0; tick < 30; tick++, seconds += 0.5) tell()
      testedAt = seconds
    }
    yield { updates, truth: ((total - steps) / rollout) * 10.5 }
  }
}

describe('steadySeconds', () => {
  it('tells minutes, then five of them, then ten', () => {
    expect([20, 80, 250, 1000, 8000].map((seconds) => steadySeconds(undefined, seconds))).toEqual([0, 60, 240, 900, 7800])
    expect(steadySeconds(60, undefined)).toBeUndefined()
  })

  it('holds what it shows while the pace wavers', () => {
    const shown = steadySeconds(undefined, 270)
    for (const seconds of [262, 281, 259, 275, 264]) expect(steadySeconds(shown, seconds)).toBe(shown)
    expect(steadySeconds(shown, 200)).toBe(180)
  })

  it('comes down a step at a time while a run plays, learns and tests in turn', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const told: number[] = []
      let [shown, known]: [number | undefined, number] = [undefined, 0]
      for (const { updates, truth } of toldBy(seed)) {
        for (; known < updates.length; known++) {
          shown = steadySeconds(shown, left(updates.slice(0, known + 1), 4000))
          if (shown !== undefined && shown !== told.at(-1)) told.push(shown)
        }
        if (shown !== undefined) expect(Math.abs(shown - truth)).toBeLessThan(60 + truth / 5)
      }
      expect(told).toEqual([...new Set(told)].sort((a, b) => b - a))
      expect(told.at(-1)).toBe(0)
    }
  })
})
