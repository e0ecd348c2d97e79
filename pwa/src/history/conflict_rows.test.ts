import { expect, it } from 'vitest'
import { findComponent } from '../document/edits'
import { nameIn } from '../document/names'
import { sampleDesign } from '../document/test_designs'
import type { DesignConflict } from '../storage/conflicts'
import { conflictGroups } from './conflict_rows'

let ids = 0
const conflict = (path: string, mine: unknown, theirs: unknown, more: Partial<DesignConflict> = {}): DesignConflict => ({
  ...{ id: `f${++ids}`, designId: 'd1', createdAt: '2026-11-30T10:00:00Z', otherDevice: 'Chrome on Android' },
  ...{ path, base: null, mine, theirs, kept: 'mine', resolvedBy: '', dismissed: false },
  ...more,
})
const design = sampleDesign()
const name = nameIn(design, 'c3')
const rows = (...conflicts: DesignConflict[]) =>
  conflictGroups(conflicts, design).flatMap((group) =>
    group.rows.map(({ title, sentence, state }) => [title, sentence, state].filter(Boolean).join(' | ')),
  )

it('names the block of a value by its title and number', () => {
  expect(rows(conflict('/components/c3/props/n_heads', 2, 8))).toEqual([
    `Heads of ${name} | You chose 2, Chrome on Android chose 8. | The default is used for now.`,
  ])
  const unnamed = conflict('/components/c3/props/n_heads', null, 8, { otherDevice: '' })
  expect(rows(unnamed)[0]).toContain('You chose the default, the other device chose 8.')
})

it.each([
  [
    conflict('/components/c3', null, { id: 'c3' }),
    `${name} | You removed it, Chrome on Android changed it. | It is kept for now.`,
  ],
  [
    conflict('/components/c3', { id: 'c3' }, null),
    `${name} | You changed it, Chrome on Android removed it. | It is kept for now.`,
  ],
  [conflict('', null, 'Best'), 'The design “Best” | You removed it, Chrome on Android changed it. | It is kept for now.'],
  [conflict('/name', 'a', 'b'), `Name | You chose a, Chrome on Android chose b. | ${design.name} is used for now.`],
])('describes what happened to a block, a design or its name', (one, words) => {
  expect(rows(one)).toEqual([words])
})

it('names a block that is gone by what it was', () => {
  const component = { ...findComponent(design, 'c3'), id: 'c77' }
  const [group] = conflictGroups([conflict('/components/c77', component, null)], design)
  expect(group).toMatchObject({ name: name.replace(/ \d+$/, ''), component: undefined })
  expect(group?.rows[0]?.state).toBe('It stays removed for now.')
})

it('groups the conflicts of one block, and shows both coordinates of a position as one', () => {
  const groups = conflictGroups(
    [
      conflict('/components/c3/x', 8, 16),
      conflict('/meta/n_heads', 2, 8),
      conflict('/components/c3/y', 8, 16),
      conflict('/components/c3/props/bias', true, false),
    ],
    design,
  )
  expect(groups.map((group) => group.rows.map((row) => row.title))).toEqual([
    [`Position of ${name}`, `Bias of ${name}`],
    ['Heads of the design'],
  ])
  expect(groups[0]?.rows[0]?.conflicts).toHaveLength(2)
})

it('names a wire by its ends, and decides one that bridges a removed block with the block', () => {
  const [source, target] = design.edges.find(([from]) => from !== 'c3') ?? ['', '']
  const wire = conflict(`/edges/${target}`, null, [source, target])
  const title = `Connection from ${nameIn(design, source)} to ${nameIn(design, target)}`
  expect(rows(wire)).toEqual([`${title} | You do not have it, Chrome on Android drew it. | It is there for now.`])
  const [before, after] = [design.edges.find(([, to]) => to === 'c3')?.[0], design.edges.find(([from]) => from === 'c3')?.[1]]
  const bridge = conflict(`/edges/${after}`, null, [before, after])
  const [group, ...others] = conflictGroups([bridge, conflict('/components/c3', { id: 'c3' }, null)], design)
  expect(others).toEqual([])
  expect(group?.rows.map((row) => [row.title, row.conflicts.length])).toEqual([[name, 2]])
})

it('says who decided, and what', () => {
  const decided = { resolved: 'theirs', resolvedBy: 'Safari on iPhone' } as const
  expect(rows(conflict('/components/c3/props/n_heads', 2, 8, decided))[0]).toContain(
    'You chose 2, Chrome on Android chose 8. | Decided: 8 (by Safari on iPhone)',
  )
  expect(rows(conflict('/components/c3/props/n_heads', 2, 8, { resolved: 'mine', resolvedBy: '' }))[0]).toContain(
    'Decided: 2 (by you)',
  )
  expect(rows(conflict('/components/c3', { id: 'c3' }, null, decided))[0]).toContain('Decided: removed (by Safari on iPhone)')
})
