import { describe, expect, it } from 'vitest'
import { sampleDesign } from '../document/test_designs'
import { axisTitle, DraftProblem, draftFor, type SweepDraft, specOf, ticked, valuesOf, variablesOf, wordsOf } from './axes'

const design = sampleDesign()
const variables = variablesOf(design, { learning_rate: 0.003 })
const find = (key: string) => {
  const found = variables.find((variable) => variable.key === key)
  if (!found) throw new Error(`no ${key} among ${variables.map((variable) => variable.key).join(' ')}`)
  return found
}
const rate = find('setting//learning_rate')
const draftOf = (...keys: string[]): SweepDraft => ({
  axes: keys.map((key) => draftFor(find(key))),
  moves: '20,000',
  search: 'grid',
  trials: '5',
  seed: '1',
  halving: true,
  minutes: '',
})
const readOf = (draft: SweepDraft, shared = {}) => specOf(draft, variables, shared)

describe('what can be varied', () => {
  it('is every setting but the moves, every design-wide value, and the properties of the blocks', () => {
    const groups = new Set(variables.map(({ group }) => group))
    expect([...groups].slice(0, 2)).toEqual(['Training', 'Whole design'])
    expect(groups.size).toBeGreaterThan(3)
    expect(variables.some(({ form }) => form.name === 'total_steps')).toBe(false)
    expect(new Set(variables.map(({ key }) => key)).size).toBe(variables.length)
  })

  it('begins with values around the present one', () => {
    expect(valuesOf(draftFor(rate).list)).toEqual([0.001, 0.003, 0.009])
    expect(draftFor(rate).scale).toBe('log')
    const width = find('design//d_model')
    expect(valuesOf(draftFor(width).list)).toEqual([32, 64, 128])
    expect(valuesOf(draftFor(find('setting//symmetries')).list)).toEqual([true, false])
    expect(valuesOf(draftFor(find('setting//algorithm')).list)).toContain('ppo')
  })
})

describe('a list of values', () => {
  it('is read as numbers and words', () => {
    expect(valuesOf('1e-3, .5; 8  ppo true')).toEqual([0.001, 0.5, 8, 'ppo', true])
    expect(valuesOf(' , ')).toEqual([])
  })

  it('is ticked in the order of the choices', () => {
    const symmetries = find('setting//symmetries')
    expect(ticked(symmetries, 'false', true, true)).toBe('true, false')
    expect(ticked(symmetries, 'true, false', true, false)).toBe('false')
  })

  it('is written in plain words', () => {
    expect([true, null, 1e-4, 0.25, 'afterstate_td'].map(wordsOf)).toEqual(['on', 'none', '1e-4', '0.25', 'afterstate td'])
  })
})

describe('the request', () => {
  it('has the axes and the shared settings', () => {
    expect(readOf(draftOf('setting//learning_rate', 'design//d_model'), { gamma: 0.9, learning_rate: 0.5 })).toEqual({
      axes: [
        { kind: 'setting', name: 'learning_rate', values: [0.001, 0.003, 0.009] },
        { kind: 'design', name: 'd_model', values: [32, 64, 128] },
      ],
      settings: { gamma: 0.9, total_steps: 20_000 },
      search: 'grid',
      halving: true,
    })
  })

  it('leaves the settings to the presets where the algorithm is varied', () => {
    expect(readOf(draftOf('setting//algorithm'), { gamma: 0.9, algorithm: 'ppo' }).settings).toEqual({ total_steps: 20_000 })
  })

  it('has a range, and the number of runs of a random search', () => {
    const draft = draftOf('setting//learning_rate')
    const axes = draft.axes.map((row) => ({ ...row, mode: 'range' as const, low: '1e-4', high: '0.1', count: '4' }))
    expect(readOf({ ...draft, axes }).axes[0]).toMatchObject({ low: 1e-4, high: 0.1, count: 4, scale: 'log' })
    expect(readOf({ ...draft, axes, search: 'random', minutes: '30' })).toMatchObject({ trials: 5, seed: 1, minutes: 30 })
  })

  it.each([
    [{ moves: 'many' }, 'Moves of each run'],
    [{ moves: '0' }, 'Moves of each run'],
    [{ search: 'random', trials: '65' }, 'Number of runs'],
    [{ minutes: 'soon' }, 'Time limit'],
  ] as const)('says what is missing: %o', (part, words) => {
    expect(() => readOf({ ...draftOf('setting//learning_rate'), ...part })).toThrow(words)
    expect(() => readOf({ ...draftOf('setting//learning_rate'), ...part })).toThrow(DraftProblem)
  })
})

it('names an axis by its property and block', () => {
  expect(axisTitle({ kind: 'setting', name: 'learning_rate' }, design)).toBe('Learning rate')
  const block = variables.find(({ axis }) => axis.kind === 'block')
  expect(axisTitle({ ...block?.axis, kind: 'block', name: block?.axis.name ?? '' }, design)).toBe(
    `${block?.label} of ${block?.group}`,
  )
  expect(axisTitle({ kind: 'block', name: 'n_heads', component_id: 'gone' }, design)).toBe('Heads')
})
