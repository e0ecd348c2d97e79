import { expect, it } from 'vitest'
import { offered, toggled } from './chosen_runs'
import { endedRun } from './test_records'

it('chooses a run, takes it away again, and takes no seventh', () => {
  expect(toggled(['r1'], 'r2')).toEqual(['r1', 'r2'])
  expect(toggled(['r1', 'r2'], 'r1')).toEqual(['r2'])
  const six = ['a', 'b', 'c', 'd', 'e', 'f']
  expect(toggled(six, 'g')).toEqual(six)
  expect(toggled(six, 'f')).toEqual(['a', 'b', 'c', 'd', 'e'])
})

it('offers the runs of the same design first, each group the newest first', () => {
  const runs = [
    endedRun('r4', { design_id: 'other' }),
    endedRun('r3', { design_id: 'own' }),
    endedRun('r2', { design_id: 'third' }),
    endedRun('r1', { design_id: 'own' }),
  ]
  const order = (chosen: string[]) =>
    offered(runs, chosen).map(({ designId, runs: own }) => [designId, ...own.map(({ id }) => id)])
  expect(order(['r1'])).toEqual([
    ['own', 'r3', 'r1'],
    ['other', 'r4'],
    ['third', 'r2'],
  ])
  expect(order([])[0]).toEqual(['other', 'r4'])
  expect(order(['gone'])[0]).toEqual(['other', 'r4'])
})
