import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { networksStore } from '../networks/networks'
import * as chosen from './chosen_network'
import { GameLine } from './GameLine'
import { keptNetwork, runWith } from './test_networks'

vi.mock('../player/player', async () => (await import('./test_player')).fakePlayer())

const { choosingStore } = chosen
const offered = () => screen.queryByRole('button', { name: /^Newer network/ })

beforeEach(() => {
  networksStore.setState({ networks: [keptNetwork('r1', 100)], fetching: {}, trouble: {} })
  choosingStore.setState({ designId: 'd1', chosen: 'r1-100', list: null, unreachable: false, ready: true, offer: null })
})
afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

it('offers the best network of the newest run where one plays that has learned less', () => {
  const fetch = vi.spyOn(chosen, 'fetchAndPlay').mockResolvedValue(true)
  const list = { runs: [runWith('r1', [['best', 400]])] }
  choosingStore.setState({ list })
  render(<GameLine />)
  const button = offered()
  expect(button?.textContent).toContain('after 400 moves')
  expect(button?.textContent).toContain('Fetch')
  if (button) fireEvent.click(button)
  expect(fetch).toHaveBeenCalledWith(chosen.offerOf(list))
})

it('lets it play where it is on the phone already', () => {
  networksStore.setState({ networks: [keptNetwork('r1', 400), keptNetwork('r1', 100)] })
  choosingStore.setState({ list: { runs: [runWith('r1', [['best', 400]])] } })
  render(<GameLine />)
  expect(offered()?.textContent).toContain('Play it')
})

it('offers nothing where the best one plays, and nothing to fetch where the server cannot be reached', () => {
  choosingStore.setState({ list: { runs: [runWith('r1', [['best', 100]])] } })
  render(<GameLine />)
  expect(offered()).toBeNull()
  cleanup()
  choosingStore.setState({ list: { runs: [runWith('r1', [['best', 400]])] }, unreachable: true })
  render(<GameLine />)
  expect(offered()).toBeNull()
})
