import { expect, it } from 'vitest'
import type { Evaluation } from '../generated/wire'
import { trainingRun } from '../runs/test_runs'
import { chosenOf, offersOf, scoreOf } from './offers'
import { checkpoint, exportableRun, keptNetwork, listOf, played } from './test_exports'

const list = listOf(exportableRun('r2'), exportableRun('r1', { checkpoints: [checkpoint('last', 512)] }))

it('chooses the best network of the run on the screen, as ONNX, until a person chooses', () => {
  const runs = offersOf(list, [])
  const names = (...args: [Parameters<typeof chosenOf>[1], string?]) => {
    const chosen = chosenOf(runs, ...args)
    return chosen && [chosen.run.id, chosen.checkpoint.checkpoint, chosen.file.fmt]
  }
  expect(names({})).toEqual(['r2', 'best', 'onnx'])
  expect(names({}, 'r1')).toEqual(['r1', 'last', 'onnx'])
  expect(names({}, 'deleted')).toEqual(['r2', 'best', 'onnx'])
  expect(names({ runId: 'r2', checkpoint: '61440', fmt: 'pt' }, 'r1')).toEqual(['r2', '61440', 'pt'])
  expect(names({ runId: 'r1', checkpoint: '61440' })).toEqual(['r1', 'last', 'onnx'])
  expect(chosenOf([], {})).toBeUndefined()
})

it('leaves the files for looking inside out, and marks sizes that are estimates', () => {
  const [run] = offersOf(list, [])
  const files = run?.checkpoints[0]?.files.map(({ fmt, bytes, isExact }) => [fmt, bytes, isExact])
  expect(files?.slice(0, 2)).toEqual([
    ['onnx', 42_000, true],
    ['pt', 41_000, false],
  ])
})

it('takes the ONNX from this phone where it is kept, and lists networks that the server has deleted', () => {
  const kept = [keptNetwork('r2', 573_440), keptNetwork('r2', 1_024), keptNetwork('r0', 99)]
  const runs = offersOf(list, kept)
  expect(runs.map(({ id, onServer }) => [id, onServer])).toEqual([
    ['r2', true],
    ['r1', true],
    ['r0', false],
  ])
  const [best] = runs[0]?.checkpoints ?? []
  expect(best).toMatchObject({ checkpoint: 'best', isKept: true, onServer: true })
  expect(best?.files[0]).toMatchObject({ keptId: 'r2-573440', bytes: 42_123, isExact: true, onServer: true })
  expect(best?.files[1]).toMatchObject({ keptId: null, onServer: true })
  expect(runs[0]?.checkpoints.at(-1)).toMatchObject({ checkpoint: '1024', isKept: true, onServer: false })
})

it('without the server it offers what this phone keeps, which is ONNX alone', () => {
  const runs = offersOf(undefined, [keptNetwork('r1', 512), keptNetwork('r1', 2_048, { checkpoint: 'last' })])
  expect(runs).toHaveLength(1)
  const chosen = chosenOf(runs, { fmt: 'pt' })
  expect([chosen?.checkpoint.steps, chosen?.file.fmt, chosen?.file.keptId]).toEqual([512, 'onnx', 'r1-512'])
  expect(runs[0]).toMatchObject({ status: null, steps: 2_048, onServer: false })
})

it('without the server a run has the score that any of its networks on this phone has, and names one network the best', () => {
  const { evaluation } = exportableRun('r1')
  const kept = [
    keptNetwork('r1', 900, { checkpoint: 'last', score: null }),
    keptNetwork('r1', 512, { evaluation }),
    keptNetwork('r1', 64, { score: 90 }),
  ]
  const [run] = offersOf(undefined, kept)
  expect(run).toMatchObject({ score: 2480.4, evaluation })
  expect(run && scoreOf(run)).toEqual({ value: '2,401', words: 'mean score in test games' })
  expect(run?.checkpoints.map((each) => each.checkpoint)).toEqual(['last', 'best', '64'])
  const [scored] = offersOf(undefined, [keptNetwork('r1', 512)])
  expect(scored && scoreOf(scored)).toEqual({ value: '2,480', words: 'best mean score' })
})

it('without the server a run has the newest test games that this page has received', () => {
  const seen = { ...trainingRun, id: 'r1', steps: 4096, ended_at: '2026-11-29T06:27:00Z' }
  const games = played(3100, { 256: 1 })
  const evaluation: Evaluation = {
    type: 'evaluation',
    policy: 'greedy',
    ...games,
    ...{
      seq: 1,
      run_id: 'r1',
      steps: 4096,
      random_score: 1000,
      greedy_score: 3000,
      baselines: {},
      board_reading: null,
      experts: {},
      processor_s: null,
    },
  }
  const [run] = offersOf(undefined, [keptNetwork('r1', 512, { score: null })], [{ run: seen, evaluations: [evaluation] }])
  expect(run).toMatchObject({ steps: 4096, endedAt: seen.ended_at, score: 3100, onServer: false })
  expect(run && scoreOf(run)).toEqual({ value: '3,100', words: 'mean score in test games' })
})
