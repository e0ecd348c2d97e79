// @vitest-environment jsdom
import { describe, expect, it } from 'vitest'
import type { ExportList } from '../generated/wire'
import { rememberNames } from '../runs/run_names'
import { runRows } from './network_rows'
import { keptNetwork, runWith } from './test_networks'

describe('the networks to choose from', () => {
  it('are those of each run, one row for each network, with its share of the training', () => {
    const list: ExportList = {
      runs: [
        runWith('r1', [
          ['best', 400],
          ['last', 1000],
          ['100', 100],
        ]),
      ],
    }
    const [run] = runRows(list, [keptNetwork('r1', 100, { checkpoint: '100', bytes: 5, inspectBytes: 2 })], true)
    expect(run?.rows.map(({ id, title, trained, kept, bytes }) => [id, title, trained, kept, bytes])).toEqual([
      ['r1-400', 'Best', 0.4, false, 1000],
      ['r1-1000', 'Last', 1, false, 1000],
      ['r1-100', '100 moves', 0.1, true, 7],
    ])
  })

  it('name a network once that is both the best and the last', () => {
    const [run] = runRows(
      {
        runs: [
          runWith('r1', [
            ['best', 1000],
            ['last', 1000],
          ]),
        ],
      },
      [],
      true,
    )
    expect(run?.rows.map(({ title }) => title)).toEqual(['Best and last'])
  })

  it('have the name and the tags of their run, also of one that the server no longer lists', () => {
    rememberNames([{ id: 'r0', name: 'Gone', tags: ['old'] }])
    const list: ExportList = { runs: [{ ...runWith('r1', [['last', 1000]]), name: 'First', tags: ['fast'] }] }
    expect(runRows(list, [keptNetwork('r0', 50)], true).map(({ name, tags }) => [name, tags])).toEqual([
      ['First', ['fast']],
      ['Gone', ['old']],
    ])
  })

  it('include those that only the phone still has', () => {
    const list: ExportList = { runs: [runWith('r1', [['last', 1000]])] }
    const kept = [keptNetwork('r1', 400), keptNetwork('r0', 50)]
    const runs = runRows(list, kept, true)
    expect(runs.map(({ runId, isOnServer }) => [runId, isOnServer])).toEqual([
      ['r1', true],
      ['r0', false],
    ])
    expect(runs[0]?.rows.map(({ id, offer }) => [id, offer !== null])).toEqual([
      ['r1-1000', true],
      ['r1-400', false],
    ])
    expect(runRows(null, kept, false).map(({ runId }) => runId)).toEqual(['r1', 'r0'])
  })
  it('have a size that is an estimate until the server has written their files', () => {
    const run = runWith('r1', [['last', 1000]])
    const checkpoints = run.checkpoints.map((each) => ({
      ...each,
      files: each.files.map((file) => ({ ...file, is_exact: false })),
    }))
    const isAbout = (...args: Parameters<typeof runRows>) => runRows(...args)[0]?.rows[0]?.isAbout
    expect(isAbout({ runs: [run] }, [], true)).toBe(false)
    expect(isAbout({ runs: [{ ...run, checkpoints }] }, [], true)).toBe(true)
    expect(isAbout({ runs: [{ ...run, checkpoints }] }, [keptNetwork('r1', 1000)], true)).toBe(false)
  })

  it('are missing on the server only where it was asked', () => {
    const kept = [keptNetwork('r0', 50)]
    const list: ExportList = { runs: [] }
    const isOnServer = [
      runRows(list, kept, true),
      runRows(list, kept, false),
      runRows(null, kept, false),
      runRows(null, kept, true),
    ]
    expect(isOnServer.map(([run]) => run?.isOnServer)).toEqual([false, null, null, null])
  })

  it('have the share of all moves that their run is to make, also while it goes on', () => {
    const run = { ...runWith('r1', [['last', 1000]]), status: 'running' as const, total_steps: 10_000 }
    expect(runRows({ runs: [run] }, [], true)[0]?.rows[0]?.trained).toBe(0.1)
    expect(runRows({ runs: [{ ...run, total_steps: 0 }] }, [], true)[0]?.rows[0]?.trained).toBeNull()
  })

  it('are named by their moves where a later network of the run is the best or the last', () => {
    const checkpoints = [
      ['best', 400],
      ['last', 1000],
    ] as const
    const kept = [keptNetwork('r1', 200), keptNetwork('r1', 300, { checkpoint: 'last' })]
    const titles = (rows: ReturnType<typeof runRows>) => rows[0]?.rows.map(({ title }) => title)
    expect(titles(runRows({ runs: [runWith('r1', checkpoints)] }, kept, true))).toEqual([
      'Best',
      'Last',
      '200 moves',
      '300 moves',
    ])
    expect(titles(runRows(null, [...kept, keptNetwork('r1', 100)], false))).toEqual(['Best', 'Last', '100 moves'])
  })
})
