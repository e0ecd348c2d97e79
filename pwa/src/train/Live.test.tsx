import { cleanup, render, screen, within } from '@testing-library/react'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ExpertBars, TileBars } from '../dashboard/Bars'
import { DeadExperts, expertsNamed } from '../dashboard/DeadExperts'
import { ExpertPhases } from '../dashboard/ExpertPhases'
import { HeatStrip } from '../dashboard/HeatStrip'
import { ReadingGauge, readingWords } from '../dashboard/ReadingGauge'
import { TestGames } from '../dashboard/TestGames'
import { openDocument, resetDocuments } from '../document/store'
import { sampleDesign } from '../document/test_designs'
import type { Component, Evaluation, PlayedGames } from '../generated/wire'
import { showUsage } from '../runs/expert_heat'
import { HeatBar } from '../runs/HeatBar'
import { tilesOf } from '../runs/largest_tiles'

const played = (median_score: number, max_tile_frequency: Record<string, number> = {}): PlayedGames => ({
  games: 256,
  mean_score: median_score,
  median_score,
  quartiles: [median_score - 300, median_score + 500],
  max_tile_frequency,
})
const baselines = {
  random: played(1040, { '32': 0.004, '64': 0.4, '128': 0.596 }),
  greedy: played(1900, { '128': 0.3, '256': 0.7 }),
}
const evaluation = (policy: Evaluation['policy'], median: number): Evaluation => ({
  type: 'evaluation',
  seq: 1,
  run_id: 'r1',
  steps: 120_000,
  policy,
  ...played(median),
  random_score: 1100,
  greedy_score: 2000,
  baselines,
  board_reading: 0.3,
  experts: {},
  processor_s: null,
})
const design = sampleDesign()

beforeEach(() => {
  resetDocuments()
  openDocument(design)
})
afterEach(() => {
  cleanup()
  showUsage({})
})

it('lists both ways of playing and the rules, each with its median and its quartiles', () => {
  render(<TestGames evaluations={[evaluation('sampled', 2204), evaluation('greedy', 3120)]} />)
  const rows = within(screen.getByRole('region', { name: 'Test games' }))
    .getAllByRole('row')
    .slice(1)
  expect(rows.map((row) => within(row).getByRole('rowheader').textContent)).toEqual([
    'Sampled',
    'Best move',
    'Greedy rule',
    'Random',
  ])
  expect(rows.map((row) => within(row).getAllByRole('cell').at(-1)?.textContent)).toEqual(['2,204', '3,120', '1,900', '1,040'])
  expect(rows[0]?.textContent).toContain('1,904 to 2,704')
})

it('lists one way of playing where there is one, and no rules where the server sent none', () => {
  const { container, rerender } = render(<TestGames evaluations={[{ ...evaluation('greedy', 900), baselines: {} }]} />)
  expect(screen.getAllByRole('rowheader').map(({ textContent }) => textContent)).toEqual(['Best move'])
  rerender(<TestGames evaluations={[]} />)
  expect(container.textContent).toBe('')
})

it('puts the rules beside the largest tiles', () => {
  const own = { '128': 0.1, '512': 0.8999, '1024': 0.0001 }
  expect(tilesOf(own, baselines)).toEqual([
    { face: 64, share: 0, greedy: undefined, random: 0.4 },
    { face: 128, share: 0.1, greedy: 0.3, random: 0.596 },
    { face: 256, share: 0, greedy: 0.7, random: undefined },
    { face: 512, share: 0.8999, greedy: undefined, random: undefined },
  ])
  expect(tilesOf(own).map(({ face, greedy }) => [face, greedy])).toEqual([
    [128, undefined],
    [512, undefined],
  ])
  render(<TileBars frequency={own} baselines={baselines} />)
  expect(screen.getAllByRole('listitem')[1]?.textContent).toBe('10 %128 greedy 30 % random 60 %')
})

it('describes how far the network reads the board', () => {
  expect([0, 0.049, 0.05, 1].map(readingWords)).toEqual([
    'Hardly depends on where tiles are',
    'Hardly depends on where tiles are',
    'Depends on where tiles are',
    'Depends on where tiles are',
  ])
  const { rerender } = render(<ReadingGauge reading={0.314} beatsGreedy={false} />)
  const gauge = () => screen.getByRole('meter', { name: 'Position sensitivity' })
  expect(gauge().getAttribute('aria-valuetext')).toBe('Depends on where tiles are, 31 %')
  const panel = () => screen.getByRole('region', { name: 'Reads the board' })
  expect(panel().hasAttribute('data-stuck')).toBe(false)
  rerender(<ReadingGauge reading={0.012} beatsGreedy={false} />)
  expect(gauge().getAttribute('aria-valuenow')).toBe('0.012')
  expect(panel().hasAttribute('data-stuck')).toBe(true)
  expect(panel().textContent).toContain('does not beat the greedy rule')
})

it('does not call a run stuck while it beats the greedy rule', () => {
  render(<ReadingGauge reading={0.012} beatsGreedy />)
  const panel = screen.getByRole('region', { name: 'Reads the board' })
  expect(panel.hasAttribute('data-stuck')).toBe(false)
  expect(panel.textContent).toContain('It still beats the greedy rule')
  expect(panel.textContent).not.toContain('stuck')
})

it('names experts that get nothing, counted from one', () => {
  expect([[2], [0, 3], [0, 2, 3]].map((experts) => expertsNamed(experts))).toEqual([
    'Expert 3',
    'Experts 1 and 4',
    'Experts 1, 3 and 4',
  ])
  const { container, rerender } = render(<DeadExperts dead={{ c6: [2] }} titleOf={(id) => `Mixture ${id}`} />)
  expect(screen.getByRole('note').textContent).toContain('Expert 3 of Mixture c6 gets hardly any tokens.')
  rerender(<DeadExperts dead={{}} titleOf={String} />)
  expect(container.textContent).toBe('')
})

it('says of experts of whole boards how few they play', () => {
  render(<DeadExperts dead={{ c6: [0, 1] }} boards={['c6']} titleOf={String} />)
  const words = 'Experts 1 and 2 of c6 play less than 1 % of the boards of the last test games.'
  expect(screen.getByRole('note').textContent).toContain(words)
})

const phases = {
  whole_boards: true,
  boards: { '1024': 100, '64': 300 },
  shares: { '1024': [0, 0.004, 0.996], '64': [0.5, 0, 0.5] },
  dead_experts: [1],
}

it('shows which experts play at which largest tile, small tiles first, and over all boards', () => {
  render(<ExpertPhases experts={{ c6: phases }} titleOf={() => 'Mixture'} />)
  const table = within(screen.getByRole('region', { name: 'Experts of Mixture by largest tile' }))
  expect(table.getAllByRole('columnheader').map(({ textContent }) => textContent)).toEqual([
    'Tile',
    'Expert 1',
    'Expert 2',
    'Expert 3',
  ])
  const rows = table.getAllByRole('row').slice(1)
  expect(rows.map((row) => within(row).getByRole('rowheader').textContent)).toEqual(['64', '1024', 'All'])
  expect(
    rows.map((row) =>
      within(row)
        .getAllByRole('cell')
        .map(({ textContent }) => textContent),
    ),
  ).toEqual([
    ['50 %', '0 %', '50 %'],
    ['0 %', '0 %', '100 %'],
    ['38 %', '0 %', '62 %'],
  ])
  expect(table.getByText(/Expert 2 plays less than 1 % of all boards/)).toBeTruthy()
})

it('has no such table where the server sent none, and no verdict where cells are shared', () => {
  const { container, rerender } = render(<ExpertPhases experts={undefined} titleOf={String} />)
  expect(container.textContent).toBe('')
  rerender(<ExpertPhases experts={{ c6: { ...phases, whole_boards: false, dead_experts: [] } }} titleOf={String} />)
  expect(container.textContent).toContain('The share of the cells of the boards with this largest tile')
  expect(container.textContent).not.toContain('1 % of all boards')
})

it('marks dead experts on the strip and on the bar of their block', () => {
  const { id } = design.components[0] as Component
  showUsage({ [id]: [0.7, 0, 0.3, 0] }, { [id]: [1, 3] })
  const { container } = render(<HeatBar id={id} />)
  const marks = [...container.querySelectorAll('.heat-bar > span')].map((cell) => cell.hasAttribute('data-dead'))
  expect(marks).toEqual([false, true, false, true])
  cleanup()
  render(<HeatStrip />)
  expect(screen.getByText('Experts 2 and 4 unused')).toBeTruthy()
})

it('shows for each mixture how sure its router is', () => {
  const usage = { expert_usage: [1], lb_reward: 0, load_entropy: {}, dead_experts: {}, whole_boards: [] }
  render(<ExpertBars usage={{ ...usage, layers: { c6: [0.5, 0.5] }, router_entropy: { c6: 0.934 } }} titleOf={String} />)
  expect(screen.getByRole('region', { name: 'Experts of c6' }).textContent).toContain('router 93 % undecided')
})
