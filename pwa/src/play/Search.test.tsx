import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import * as player from '../player/player'
import { noGame, noTest } from '../player/types'
import { choosingStore } from './chosen_network'
import { Hint, hintGame } from './Hint'
import { bestsStore, playStore } from './play_state'
import { resultText, standing } from './race_game'
import { SearchChoice, useSearch } from './Search'
import { searchLabel } from './search_words'
import { TestScreen } from './TestScreen'
import { type FakePlayer, network, positionOf, stateOf, thoughtOf } from './test_player'
import { Watch } from './Watch'

vi.mock('../player/player', async () => (await import('./test_player')).fakePlayer())
vi.mock('../ui/LineChart', () => ({ LineChart: () => null }))

const { playerStore, watchStore, testStore, setSearch, think } = player as unknown as FakePlayer
const LABEL = 'with search, 2 moves ahead'

beforeEach(() => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => {}, removeEventListener: () => {} }))
  location.hash = '#/d/d1/play'
  choosingStore.setState({ designId: 'd1' })
  playerStore.setState({ status: 'ready', network: network(), enabled: {} })
  watchStore.setState(noGame, true)
  testStore.setState(noTest, true)
  bestsStore.setState({ person: 0, networks: {} })
  playStore.setState({ mode: 'watch', inside: null, hints: true, search: 0 })
})
afterEach(() => {
  cleanup()
  vi.clearAllMocks()
  vi.unstubAllGlobals()
})

const choice = () => screen.getByRole('combobox', { name: 'Search' }) as HTMLSelectElement

function Choosing() {
  useSearch()
  return <SearchChoice />
}

describe('the choice', () => {
  it('is none at first, counts at once, and is remembered', () => {
    render(<Choosing />)
    expect(choice().selectedOptions[0]?.textContent).toBe('none')
    fireEvent.change(choice(), { target: { value: '2' } })
    expect(setSearch).toHaveBeenLastCalledWith(2)
    expect(JSON.parse(localStorage.getItem('model-studio-play') ?? '{}')).toMatchObject({ search: 2 })
    fireEvent.change(choice(), { target: { value: '0' } })
    expect(setSearch).toHaveBeenLastCalledWith(0)
  })

  it('is not there for a network that cannot search, and the screen says why', () => {
    playStore.setState({ search: 2 })
    playerStore.setState({ network: network({ searches: false }) })
    render(<SearchChoice />)
    expect(choice().disabled).toBe(true)
    expect(choice().value).toBe('0')
    expect(screen.getByText(/not trained to value the boards after moves/)).toBeTruthy()
  })

  it('waits while test games are played', () => {
    testStore.setState({ ...noTest, running: true, total: 100 })
    render(<SearchChoice mode="test" />)
    expect(choice().disabled).toBe(true)
  })
})

describe('the label', () => {
  it('says how the moves were chosen', () => {
    expect(searchLabel([0])).toBeNull()
    expect(searchLabel([])).toBeNull()
    expect(searchLabel([1])).toBe('with search, 1 move ahead')
    expect(searchLabel([0, 2])).toBe('partly with search')
  })

  it('is below the scores of a watched game, from before its first move', () => {
    render(<Watch designId="d1" />)
    const show = (change: Partial<ReturnType<typeof watchStore.getState>>) => act(() => watchStore.setState(change))
    show({ position: positionOf(stateOf(7)) })
    expect(screen.queryByText(/with search,/)).toBeNull()
    show({ position: positionOf(stateOf(7), thoughtOf({ searched: 2 })) })
    expect(screen.getByText(LABEL)).toBeTruthy()
    show({ position: positionOf(stateOf(7, 3)), index: 3, length: 3, searched: [0, 2] })
    expect(screen.getByText('partly with search')).toBeTruthy()
  })

  it('keeps the best score with search apart from that without', () => {
    render(<Watch designId="d1" />)
    const over = (moves: number, searched: (0 | 2)[]) =>
      act(() =>
        watchStore.setState({
          position: positionOf(stateOf(7, moves, moves)),
          index: moves,
          length: moves,
          over: true,
          searched,
        }),
      )
    over(100, [2])
    expect(bestsStore.getState().networks).toEqual({ 'd1/search': 400 })
    over(50, [0])
    expect(bestsStore.getState().networks).toEqual({ 'd1/search': 400, d1: 200 })
    expect(document.querySelector('.scores')?.textContent).toContain('Best200')
  })

  it('is below the hints, which are asked for again when the depth changes', async () => {
    await hintGame.start(7)
    think.mockImplementation(async () => thoughtOf({ searched: playStore.getState().search }))
    render(<Hint />)
    await screen.findByRole('img', { name: 'Up 40 %' })
    expect(screen.queryByText(LABEL)).toBeNull()
    fireEvent.change(choice(), { target: { value: '2' } })
    await screen.findByText(LABEL)
  })

  it('is in the result of a race and in the text that is shared', () => {
    expect(standing(100, 200, true, LABEL)).toBe(`The network (${LABEL}) won by 100`)
    expect(standing(300, 200, true, LABEL)).toBe(`You won by 100, the network ${LABEL}`)
    const text = resultText('Mine', positionOf(stateOf(7, 10)), positionOf(stateOf(7, 20)), LABEL)
    expect(text.split('\n')[0]).toContain(`(${LABEL})`)
    expect(text.split('\n')[2]).toMatch(/^My network “Mine”: 80 \(largest tile \d+\), with search, 2 moves ahead$/)
  })

  it('is at test games, and in the name of their row', () => {
    const results = [{ seed: 1, score: 100, largest: 5, moves: 50 }]
    testStore.setState({ ...noTest, done: 1, total: 1, results, searched: 2 })
    render(<TestScreen />)
    expect(screen.getAllByRole('rowheader', { name: `This phone, ${LABEL}` })).toHaveLength(2)
    expect(screen.getByText(LABEL)).toBeTruthy()
  })
})
