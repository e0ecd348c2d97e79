import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import * as player from '../player/player'
import { noGame } from '../player/types'
import { usageOf } from '../runs/expert_heat'
import { choosingStore } from './chosen_network'
import { bestsStore, playStore } from './play_state'
import { type FakePlayer, network, positionOf, stateOf, thoughtOf } from './test_player'
import { slideMsOf, Watch } from './Watch'
import { followWatchedGame, usageByComponent } from './watching'

vi.mock('../player/player', async () => (await import('./test_player')).fakePlayer())
vi.mock('../ui/LineChart', () => ({ LineChart: () => null }))

const { playerStore, watch, watchStore } = player as unknown as FakePlayer
const release = vi.fn(async () => {})
const request = vi.fn(async () => ({ release }))

function show(change: Partial<ReturnType<typeof watchStore.getState>>, moves = 3): void {
  act(() => watchStore.setState({ position: positionOf(stateOf(7, moves)), index: moves, length: moves, ...change }))
}

beforeEach(async () => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => {}, removeEventListener: () => {} }))
  Object.defineProperty(navigator, 'wakeLock', { value: { request }, configurable: true })
  location.hash = '#/d/d1/play'
  choosingStore.setState({ designId: 'd1' })
  playerStore.setState({ status: 'ready', network: network(), enabled: {} })
  watchStore.setState(noGame, true)
  bestsStore.setState({ person: 0, networks: {} })
  playStore.setState({ mode: 'watch', inside: null, keepsScreenOn: true })
  followWatchedGame()
})
afterEach(() => {
  cleanup()
  vi.clearAllMocks()
  vi.unstubAllGlobals()
})

it('plays by itself when it is first watched, and pauses when it is left', async () => {
  const { unmount } = render(<Watch designId="d1" />)
  await vi.waitFor(() => expect(watch.play).toHaveBeenCalledOnce())
  expect(watch.start).toHaveBeenCalledOnce()
  show({ playing: true })
  location.hash = '#/d/d1/train'
  unmount()
  expect(watch.pause).toHaveBeenCalledOnce()
})

it('goes on after another network was loaded, and with the next game, unless it was paused', async () => {
  const { rerender } = render(<Watch designId="d1" />)
  show({ playing: true })
  const load = (id: string) => {
    act(() => watchStore.setState(noGame, true))
    act(() => playerStore.setState({ network: network({ id }) }))
    rerender(<Watch designId="d1" />)
  }
  vi.clearAllMocks()
  load('other')
  await vi.waitFor(() => expect(watch.play).toHaveBeenCalledOnce())
  expect(watch.start).toHaveBeenCalledExactlyOnceWith(7)
  show({ playing: true })
  show({ playing: false, over: true })
  fireEvent.click(screen.getByRole('button', { name: 'New game' }))
  expect(watch.newGame).toHaveBeenLastCalledWith(expect.any(Number), true)
  // a game that ended before the page saw it play
  show({ playing: false, over: true })
  fireEvent.click(screen.getByRole('button', { name: 'New game' }))
  expect(watch.newGame).toHaveBeenLastCalledWith(expect.any(Number), true)
  show({ playing: false, over: false })
  fireEvent.click(screen.getByRole('button', { name: 'New game' }))
  expect(watch.newGame).toHaveBeenLastCalledWith(expect.any(Number), false)
  load('third')
  await vi.waitFor(() => expect(watch.start).toHaveBeenCalledTimes(2))
  expect(watch.play).toHaveBeenCalledOnce()
})

it('keeps the screen on while it plays and the person wants that', async () => {
  render(<Watch designId="d1" />)
  show({ playing: false })
  expect(request).not.toHaveBeenCalled()
  show({ playing: true })
  expect(request).toHaveBeenCalledOnce()
  await act(async () => document.dispatchEvent(new Event('visibilitychange')))
  expect(request).toHaveBeenCalledTimes(2)
  act(() => playStore.setState({ keepsScreenOn: false }))
  expect(release).toHaveBeenCalled()
  show({ playing: true }, 4)
  expect(request).toHaveBeenCalledTimes(2)
})

it('has controls for play, steps, speed and a new game', () => {
  render(<Watch designId="d1" />)
  show({ playing: false })
  for (const name of ['Play', 'Step', 'Step back', 'New game']) fireEvent.click(screen.getByRole('button', { name }))
  for (const order of [watch.play, watch.step, watch.stepBack, watch.newGame]) expect(order).toHaveBeenCalled()
  fireEvent.change(screen.getByRole('combobox', { name: 'Speed' }), { target: { value: 'max' } })
  expect(watch.setSpeed).toHaveBeenLastCalledWith('max')
  expect(playStore.getState().speed).toBe('max')
  show({ playing: false, over: true })
  expect(screen.queryByRole('button', { name: 'Play' })).toBeNull()
  expect(screen.getByText('Game over')).toBeTruthy()
  vi.clearAllMocks()
  fireEvent.click(screen.getByRole('button', { name: 'New game' }))
  expect(watch.newGame).toHaveBeenCalledOnce()
})

it('keeps the best score of the networks of a design', () => {
  render(<Watch designId="d1" />)
  show({ over: false }, 50)
  expect(bestsStore.getState().networks.d1 ?? 0).toBe(0)
  show({ over: true }, 50)
  expect(bestsStore.getState().networks.d1).toBe(200)
  show({ over: true }, 20)
  expect(bestsStore.getState().networks.d1).toBe(200)
})

it('shows the usage of the game on the blocks while it is watched, also from the drawing', () => {
  render(<Watch designId="d1" />)
  show({ playing: true, usage: { c6: [0.75, 0.25] } })
  cleanup()
  location.hash = '#/d/d1'
  window.dispatchEvent(new HashChangeEvent('hashchange'))
  expect(usageOf('c6')).toEqual([0.75, 0.25])
  show({ playing: true, usage: { c6: [0.5, 0.5] } })
  expect(usageOf('c6')).toEqual([0.5, 0.5])
  expect(watch.pause).not.toHaveBeenCalled()
  location.hash = '#/d/d1/train'
  window.dispatchEvent(new HashChangeEvent('hashchange'))
  expect(usageOf('c6')).toBeUndefined()
  expect(watch.pause).toHaveBeenCalledOnce()
})

it('adds up the repetitions of a component', () => {
  const usage = { 'c3.0.c5': [1, 0], 'c3.1.c5': [0, 1], c6: [0.2, 0.8] }
  expect(usageByComponent(usage)).toEqual({ c5: [0.5, 0.5], c6: [0.2, 0.8] })
})

it('shows on the block of a mixture of whole boards the expert that plays now', () => {
  location.hash = '#/d/d1'
  const thought = thoughtOf({ routing: { c6: { experts: 2, layers: [[0, 0.9]] } } })
  show({ position: { ...positionOf(stateOf(7, 3)), thought }, usage: { c6: [0.8, 0.2] } })
  expect(usageOf('c6')).toEqual([0, 1])
})

it('slides tiles no longer than their rest, and not at full speed or with reduced motion', () => {
  expect(([1, 5, 10, 'max'] as const).map((speed) => slideMsOf(speed, false))).toEqual([110, 100, 50, undefined])
  expect(slideMsOf(1, true)).toBeUndefined()
})

it('has buttons for the boards after moves only while these are shown', async () => {
  const routing = { c6: { experts: 2, layers: [Array(32).fill(0.5)] } }
  playerStore.setState({ network: network({ valuesAfterstates: true, routers: [{ path: 'c6', experts: 2 }] }) })
  render(<Watch designId="d1" />)
  await act(async () => show({ position: positionOf(stateOf(7, 3), thoughtOf({ routing, ofMove: 0 })) }))
  const buttons = () => screen.queryAllByRole('button', { name: /show the board after it/ })
  expect(buttons()).toEqual([])
  expect(screen.getByRole('img', { name: 'Left 10 %' })).toBeTruthy()
  await act(async () => playStore.setState({ inside: 'value' }))
  expect(buttons()).toEqual([])
  await act(async () => playStore.setState({ inside: 'experts' }))
  expect(buttons()).toHaveLength(4)
  fireEvent.click(screen.getByRole('button', { name: /^Left/ }))
  expect(watch.showMove).toHaveBeenCalledExactlyOnceWith(3)
})

describe('the panel of the inside of the network', () => {
  const scrolled = vi.fn()
  const place = (element: Element): DOMRect => {
    if (element.matches('.play-body')) return new DOMRect(0, 100, 400, 600)
    if (element.matches('.board-place')) return new DOMRect(0, 160, 400, 400)
    return new DOMRect(0, 600, 400, panelHeight)
  }
  let panelHeight = 0

  beforeEach(() => {
    scrolled.mockReset()
    HTMLElement.prototype.scrollBy = scrolled
    vi.spyOn(Element.prototype, 'getBoundingClientRect').mockImplementation(function (this: Element) {
      return place(this)
    })
  })
  afterEach(() => vi.restoreAllMocks())

  it.each([
    { height: 90, by: undefined },
    { height: 120, by: 20 },
    { height: 500, by: 60 },
  ])('is scrolled into view when it is opened, and the board stays: $height', ({ height, by }) => {
    panelHeight = height
    playStore.setState({ inside: 'value' })
    render(<Watch designId="d1" />)
    show({})
    fireEvent.click(screen.getByRole('button', { name: 'Value' }))
    expect(scrolled).not.toHaveBeenCalled()
    fireEvent.click(screen.getByRole('button', { name: 'Value' }))
    expect(scrolled.mock.calls).toEqual(by === undefined ? [] : [[{ top: by }]])
  })
})
