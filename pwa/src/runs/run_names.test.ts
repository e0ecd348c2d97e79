// @vitest-environment jsdom
import { beforeEach, expect, it } from 'vitest'
import { rememberRuns } from './run_cache'
import { namesOf, rememberNames } from './run_names'
import { trainingRun } from './test_runs'
import { waitingLabels } from './waiting_labels'

beforeEach(() => localStorage.clear())

it('has the names of runs that were listed, also of those deleted since', () => {
  rememberRuns([{ ...trainingRun, id: 'r1', name: 'First try', tags: ['baseline'] }])
  rememberRuns([])
  expect(namesOf('r1')).toEqual({ name: 'First try', tags: ['baseline'] })
  expect(namesOf('r2')).toEqual({ name: '', tags: [] })
})

it('prefers what was written here and no server has confirmed', () => {
  rememberNames([{ id: 'r1', name: 'Old', tags: [] }])
  waitingLabels.write({ r1: { name: 'New', note: '', tags: ['fast'] } })
  expect(namesOf('r1')).toEqual({ name: 'New', tags: ['fast'] })
})

it('forgets a name that was taken away, and the oldest of very many', () => {
  rememberNames([{ id: 'r1', name: 'First', tags: [] }])
  rememberNames([{ id: 'r1', name: '', tags: [] }])
  expect(namesOf('r1').name).toBe('')
  rememberNames(Array.from({ length: 301 }, (_, index) => ({ id: `n${index}`, name: 'Named', tags: [] })))
  expect([namesOf('n0').name, namesOf('n300').name]).toEqual(['', 'Named'])
})
