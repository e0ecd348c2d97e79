import { describe, expect, it } from 'vitest'
import type { MeasuredScore } from '../generated/wire'
import { gallery, expectedScore as scoreOn, secondsOn } from './expected_score'

const MACHINES = [{ name: 'reference', multiply_adds_per_second: 1e10, step_overhead_s: 1e-4 }]
const run = (seconds: number, score: number, algorithm = 'ppo'): MeasuredScore => ({
  algorithm,
  seconds,
  score,
  moves: 5000 * seconds,
  seeds: 1,
  date: '2026-11-29',
  machine: 0,
  multiply_adds_per_move: 1e6,
  overheads_per_move: 1,
})
const of = (...measured: MeasuredScore[]) => ({ measured })

describe('the time of a measured run', () => {
  it('is that of its moves on the server, by the measured speed of both', () => {
    // a move takes 0.5e-4 + 1e-4 s here instead of 1e-4 + 1e-4 s
    const twice = { multiply_adds_per_second: 2e10, step_overhead_s: 1e-4 }
    expect(secondsOn(twice, run(600, 1), MACHINES)).toBeCloseTo(450)
  })

  it('is that on the machine of the measurement where the server is not measured', () => {
    for (const machine of [null, { multiply_adds_per_second: null, step_overhead_s: null }])
      expect(secondsOn(machine, run(600, 1), MACHINES)).toBeCloseTo(600)
  })
})

describe('the expected score', () => {
  const expectedScore = (template: Parameters<typeof scoreOn>[0], seconds: number) =>
    scoreOn(template, seconds, MACHINES[0] ?? null)

  it('is that of a run of about this time', () => {
    expect(expectedScore(of(run(120, 5000), run(600, 9000)), 130)).toEqual({ atLeast: false, score: 5000, algorithm: 'ppo' })
  })

  it('lies between those of a shorter and a longer run', () => {
    const { score } = expectedScore(of(run(100, 4000), run(400, 8000)), 200) ?? {}
    expect(score).toBe(6000)
  })

  it('is at least that of the longest run', () => {
    expect(expectedScore(of(run(120, 5000), run(600, 9000)), 900)).toMatchObject({ atLeast: true, score: 9000 })
  })

  it('is not told of a time shorter than every run, or without any', () => {
    expect(expectedScore(of(run(600, 9000)), 120)).toBeUndefined()
    expect(expectedScore(of(), 120)).toBeUndefined()
  })

  it('is that of the better algorithm', () => {
    expect(expectedScore(of(run(120, 5000), run(120, 7000, 'afterstate_td')), 120)).toMatchObject({
      score: 7000,
      algorithm: 'afterstate_td',
    })
  })

  it('is never beyond what was measured', () => {
    for (const template of gallery.templates) {
      const most = Math.max(0, ...template.measured.map(({ score }) => score))
      for (const seconds of [120, 900, 7200]) expect(scoreOn(template, seconds, null)?.score ?? 0).toBeLessThanOrEqual(most)
    }
  })
})
