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
    const [run] = runRows(list, [keptNetwork('r1', 100, { checkpoint: '100', bytes: 5, inspectBytes: 2 })])
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
    )
    expect(run?.rows.map(({ title }) => title)).toEqual(['Best and last'])
  })

  it('have the name and the tags of their run, also of one that the server no longer lists', () => {
    rememberNames([{ id: 'r0', name: 'Gone', tags: ['old'] }])
    const list: ExportList = { runs: [{ ...runWith('r1', [['last', 1000]]), name: 'First', tags: ['fast'] }] }
    expect(runRows(list, [keptNetwork('r0', 50)]).map(({ name, tags }) => [name, tags])).toEqual([
      ['First', ['fast']],
      ['Gone', ['old']],
    ])
  })

  it('include those that only the phone still has', () => {
    const list: ExportList = { runs: [runWith('r1', [['last', 1000]])] }
    const kept = [keptNetwork('r1', 400), keptNetwork('r0', 50)]
    const runs = runRows(list, kept)
    expect(runs.map(({ runId, isOnServer }) => [runId, isOnServer])).toEqual([
      ['r1', true],
      ['r0', false],
    ])
    expect(runs[0]?.rows.map(({ id, offer }) => [id, offer !== null])).toEqual([
      ['r1-1000', true],
      ['r1-400', false],
    ])
    expect(runRows(null, kept).map(({ runId }) => runId)).toEqual(['r1', 'r0'])
  })
})
