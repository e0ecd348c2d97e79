import { cleanup, fireEvent, render, screen, within } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { noResponse } from '../api/fetch_json'
import { readLeaderboard } from '../api/results'
import type { LeaderboardEntry } from '../generated/wire'
import { LeaderboardScreen } from './LeaderboardScreen'

vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { pythonState: createStore(() => ({ status: 'loading' })) }
})
vi.mock('../api/results', () => ({ readLeaderboard: vi.fn() }))

const entry = (number: number, part: Partial<LeaderboardEntry> = {}): LeaderboardEntry => ({
  ...{ design_id: `d${number}`, design_name: `Design ${number}`, run_id: `r${number}`, run_name: '', algorithm: 'ppo' },
  ...{ design_hash: '', score: 1000 - number, median_score: 900, quartiles: [1, 2], games: 128, policy: 'greedy' },
  ...{ steps: 50_000, processor_s: 840, parameters: 42_917 },
  ...part,
})
const answers = (entries: LeaderboardEntry[], unmeasured_runs = 0) =>
  vi.mocked(readLeaderboard).mockImplementation(async (processor_minutes, max_parameters) => ({
    ...{ processor_minutes, max_parameters, entries, unmeasured_runs },
  }))

beforeEach(() => {
  localStorage.clear()
  vi.mocked(readLeaderboard).mockReset()
})
afterEach(cleanup)

it('lists the designs as the server ranks them, and offers to compare their runs', async () => {
  answers([entry(1), entry(2, { parameters: null, run_name: 'Wide' })], 3)
  render(<LeaderboardScreen />)
  const lines = within(await screen.findByRole('list', { name: 'Leaderboard' })).getAllByRole('listitem')
  expect(lines.map(({ textContent }) => textContent)).toEqual([
    '1Design 1PPO · 42,917 parameters50,000 moves in 14 min of processor time999test score',
    '2Design 2Wide · size not known50,000 moves in 14 min of processor time998test score',
  ])
  expect(screen.getByRole('link', { name: 'Compare these runs' }).getAttribute('href')).toBe('#/compare/r1,r2')
  expect(screen.getByText('3 runs trained before processor time was measured are not listed.')).toBeTruthy()
})

it('asks again for another budget and size, and remembers both', async () => {
  answers([])
  render(<LeaderboardScreen />)
  await screen.findByText(/No run has test games within this budget/)
  expect(vi.mocked(readLeaderboard).mock.lastCall?.slice(0, 2)).toEqual([15, null])
  fireEvent.click(screen.getByRole('radio', { name: '1 h' }))
  fireEvent.change(screen.getByRole('combobox', { name: 'Size of the network' }), { target: { value: '100000' } })
  expect(vi.mocked(readLeaderboard).mock.lastCall?.slice(0, 2)).toEqual([60, 100_000])
  cleanup()
  render(<LeaderboardScreen />)
  expect(vi.mocked(readLeaderboard).mock.lastCall?.slice(0, 2)).toEqual([60, 100_000])
  await screen.findByText(/No run has test games/)
})

it('shows the last answer without a server, and says where there is none', async () => {
  answers([entry(1)])
  render(<LeaderboardScreen />)
  await screen.findByText('Design 1')
  cleanup()
  vi.mocked(readLeaderboard).mockRejectedValue(noResponse('offline'))
  render(<LeaderboardScreen />)
  expect(await screen.findByText('Design 1')).toBeTruthy()
  expect(screen.getByRole('status').textContent).toContain('when this phone last read it')
  fireEvent.click(screen.getByRole('radio', { name: '4 h' }))
  expect(await screen.findByText('The leaderboard is on the server, which cannot be reached.')).toBeTruthy()
  expect(screen.queryByText('Design 1')).toBeNull()
})
