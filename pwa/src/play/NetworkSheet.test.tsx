import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import * as networks from '../networks/networks'
import { choosingStore } from './chosen_network'
import { NetworkSheet } from './NetworkSheet'
import { playStore } from './play_state'
import { keptNetwork, runWith } from './test_networks'

vi.mock('../player/player', async () => (await import('./test_player')).fakePlayer())
vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { pythonState: createStore(() => ({ status: 'loading' })) }
})
vi.mock('../networks/networks', async () => {
  const { createStore } = await import('zustand/vanilla')
  return {
    networksStore: createStore(() => ({ networks: [], fetching: {}, trouble: {} })),
    networkSettings: createStore(() => ({ maxBackgroundMb: 10, enabled: true })),
    listExports: vi.fn(),
    keepNetwork: vi.fn(),
    networkId: (runId: string, steps: number) => `${runId}-${steps}`,
    sizeOf: () => 1000,
  }
})

const listExports = vi.mocked(networks.listExports)
const keepNetwork = vi.mocked(networks.keepNetwork)
const keep = (...kept: networks.KeptNetwork[]) => networks.networksStore.setState({ networks: kept })

beforeEach(() => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => {}, removeEventListener: () => {} }))
  keep()
  choosingStore.setState({ designId: 'd1', chosen: null, list: null, unreachable: false, ready: true, offer: null })
  playStore.setState({ sheet: 'network' })
})
afterEach(() => {
  cleanup()
  vi.clearAllMocks()
  vi.unstubAllGlobals()
})

const show = () => act(async () => void render(<NetworkSheet />))
const headings = () => screen.getAllByRole('heading', { level: 3 }).map(({ textContent }) => textContent)

it('says that the server no longer has a network only where the server has answered', async () => {
  keep(keptNetwork('r0', 50))
  listExports.mockRejectedValue(new TypeError('offline'))
  await show()
  expect(headings()).toEqual([expect.stringMatching(/kept (?!.*server)/)])
  cleanup()
  listExports.mockResolvedValue({ runs: [] })
  await show()
  expect(headings()).toEqual([expect.stringContaining('no longer on the server')])
})

it('tells runs of the same minute apart', async () => {
  const runs = ['r1', 'r2'].map((id, index) => ({ ...runWith(id, [['best', 400]]), created_at: `2026-11-03T10:00:0${index}Z` }))
  listExports.mockResolvedValue({ runs })
  await show()
  expect(new Set(headings()).size).toBe(2)
})

it('closes once a network that was chosen was fetched and plays, not where it could not be fetched', async () => {
  listExports.mockResolvedValue({ runs: [runWith('r1', [['best', 400]])] })
  await show()
  keepNetwork.mockRejectedValueOnce(new Error('broke off'))
  const row = () => screen.getByRole('button', { name: /^Best/ })
  await act(async () => void fireEvent.click(row()))
  expect(playStore.getState().sheet).toBe('network')
  let arrive: (kept: networks.KeptNetwork) => void = () => {}
  keepNetwork.mockReturnValueOnce(new Promise((resolve) => (arrive = resolve)))
  await act(async () => void fireEvent.click(row()))
  expect(playStore.getState().sheet).toBe('network')
  await act(async () => arrive(keptNetwork('r1', 400)))
  expect(playStore.getState().sheet).toBeNull()
})
