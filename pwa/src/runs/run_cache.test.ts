// @vitest-environment jsdom
import { beforeEach, expect, it } from 'vitest'
import type { Run } from '../generated/wire'
import { rememberedRuns, rememberRuns, rememberRunsOf } from './run_cache'
import { trainingRun } from './test_runs'

const run = (design_id: string, part: Partial<Run>): Run => ({
  ...trainingRun,
  status: 'finished',
  phase: null,
  design_id,
  ...part,
})

beforeEach(() => localStorage.clear())

it('keeps the standing of the newest run of each design, and the best of all', () => {
  rememberRuns([run('d1', { status: 'failed', best_score: 300 }), run('d2', {}), run('d1', { best_score: 900 })])
  expect(rememberedRuns()).toMatchObject({
    d1: { status: 'failed', best: 900, share: 0.5 },
    d2: { status: 'finished', best: null },
  })
})

it('knows which newest run does not answer, also from a server that tells nothing of it', () => {
  const { responding, ...old } = run('d3', { status: 'running' })
  rememberRuns([
    run('d1', { status: 'running', responding: false }),
    run('d2', { status: 'failed', responding: false }),
    old as Run,
  ])
  expect(Object.values(rememberedRuns()).map(({ stuck }) => stuck)).toEqual([false, false, true])
})

it('forgets deleted runs of a design, and the design without one', () => {
  rememberRuns([run('d1', { best_score: 900 }), run('d1', { best_score: 300 }), run('d2', {})])
  rememberRunsOf('d1', [run('d1', { best_score: 300 })])
  expect(rememberedRuns().d1?.best).toBe(300)
  rememberRunsOf('d1', [])
  expect(Object.keys(rememberedRuns())).toEqual(['d2'])
})
