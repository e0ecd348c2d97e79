import { act, cleanup, render } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import * as player from '../player/player'
import { PaintedBoard } from './PaintedBoard'
import { playStore } from './play_state'
import { type FakePlayer, network } from './test_player'

vi.mock('../player/player', async () => (await import('./test_player')).fakePlayer())
vi.mock('../ui/LineChart', () => ({ LineChart: () => null }))

const { painting, playerStore } = player as unknown as FakePlayer
const offscreen = {}

beforeEach(() => {
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe() {}
      disconnect() {}
    },
  )
  Object.assign(HTMLCanvasElement.prototype, { transferControlToOffscreen: () => offscreen })
  const attentions = [{ path: 'c3', heads: 2 }]
  playerStore.setState({ network: network({ routers: [{ path: 'c6', experts: 4 }], attentions }) })
  playStore.setState({ inside: 'experts', cell: 0, head: null })
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
  Reflect.deleteProperty(HTMLCanvasElement.prototype, 'transferControlToOffscreen')
})

it('lets the worker draw on a canvas with the selected overlay until it is unmounted', () => {
  const onPainted = vi.fn()
  const { unmount, container } = render(<PaintedBoard onPainted={onPainted} />)
  expect(painting.begin).toHaveBeenCalledOnce()
  expect(painting.begin.mock.lastCall?.[0]).toBe(offscreen)
  expect(painting.begin.mock.lastCall?.[1]).toMatchObject({ ratio: 1, overlay: { inside: 'experts', path: 'c6' } })
  expect(painting.change).not.toHaveBeenCalled()
  act(() => playStore.setState({ inside: 'attention', cell: 5 }))
  expect(painting.change.mock.lastCall?.[0]).toMatchObject({ overlay: { inside: 'attention', path: 'c3', cell: 5, head: null } })
  act(() => playStore.setState({ inside: null }))
  expect(painting.change.mock.lastCall?.[0]).toMatchObject({ overlay: null })
  expect(container.querySelectorAll('canvas')).toHaveLength(1)
  expect(painting.end).not.toHaveBeenCalled()
  painting.begin.mock.lastCall?.[2]()
  expect(onPainted.mock.calls).toEqual([[true]])
  unmount()
  expect(painting.end).toHaveBeenCalledOnce()
  expect(onPainted).toHaveBeenLastCalledWith(false)
})
