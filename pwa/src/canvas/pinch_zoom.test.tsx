import { cleanup, render } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { View } from '../document/geometry'
import { watchPinch } from './pinch_zoom'

let view: View
let stop = () => {}
const heard = vi.fn()
const ended = vi.fn()

function element(name: string): Element {
  return document.querySelector(name) as Element
}

beforeEach(() => {
  const { container } = render(
    <div className="pane">
      <div className="react-flow__node draggable">
        <span className="held" />
        <span className="react-flow__handle" />
      </div>
    </div>,
  )
  view = { x: 10, y: 20, zoom: 0.5 }
  heard.mockReset()
  for (const kind of ['touchstart', 'touchmove', 'touchend']) element('.pane').addEventListener(kind, () => heard(kind))
  ended.mockReset()
  stop = watchPinch(container, {
    now: () => view,
    move: (next) => {
      view = next
    },
    end: ended,
  })
})
afterEach(() => {
  stop()
  cleanup()
})

type Finger = { on: string; at: [number, number] }

function touch(kind: string, ...fingers: Finger[]): void {
  const touches = fingers.map(({ on, at: [clientX, clientY] }) => ({ target: element(on), clientX, clientY }))
  const on = touches.at(-1)?.target ?? element('.held')
  on.dispatchEvent(Object.assign(new Event(kind, { bubbles: true, cancelable: true }), { touches }))
}

it('zooms about the middle of two fingers, one of them on the selected block', () => {
  const first: Finger = { on: '.held', at: [80, 100] }
  touch('touchstart', first)
  touch('touchstart', first, { on: '.pane', at: [120, 100] })
  touch('touchmove', { on: '.held', at: [60, 100] }, { on: '.pane', at: [140, 100] })
  expect(view).toEqual({ zoom: 1, x: -80, y: -60 })
  expect(heard.mock.calls).toEqual([['touchstart']])
})

it('moves the view with the finger that stays longer, without a jump, and then is over', () => {
  const [first, second]: Finger[] = [
    { on: '.held', at: [80, 100] },
    { on: '.held', at: [120, 100] },
  ]
  touch('touchstart', first as Finger)
  touch('touchstart', first as Finger, second as Finger)
  touch('touchend', first as Finger)
  touch('touchmove', { on: '.held', at: [60, 160] })
  expect(view).toEqual({ x: -10, y: 80, zoom: 0.5 })
  expect(ended).not.toHaveBeenCalled()
  touch('touchend')
  expect(ended).toHaveBeenCalledOnce()
  expect(heard.mock.calls.flat()).toEqual(['touchstart', 'touchend', 'touchend'])
  touch('touchmove', { on: '.held', at: [60, 170] })
  expect(heard).toHaveBeenLastCalledWith('touchmove')
})

it('keeps within the smallest and the largest zoom', () => {
  touch('touchstart', { on: '.held', at: [99, 100] }, { on: '.held', at: [101, 100] })
  touch('touchmove', { on: '.held', at: [0, 100] }, { on: '.held', at: [200, 100] })
  expect(view.zoom).toBe(2.5)
})

it('zooms with both fingers between the blocks, also where a third one comes down', () => {
  const fingers: Finger[] = [
    { on: '.pane', at: [80, 100] },
    { on: '.pane', at: [120, 100] },
  ]
  touch('touchstart', ...fingers)
  touch('touchstart', ...fingers, { on: '.pane', at: [300, 300] })
  touch('touchmove', { on: '.pane', at: [60, 100] }, { on: '.pane', at: [140, 100] }, { on: '.pane', at: [300, 300] })
  expect(view.zoom).toBe(1)
  expect(heard).not.toHaveBeenCalled()
})

it('leaves a finger that draws a connection alone', () => {
  touch('touchstart', { on: '.react-flow__handle', at: [80, 100] }, { on: '.pane', at: [120, 100] })
  touch('touchmove', { on: '.react-flow__handle', at: [60, 100] }, { on: '.pane', at: [140, 100] })
  expect(view.zoom).toBe(0.5)
  expect(heard.mock.calls.flat()).toEqual(['touchstart', 'touchmove'])
})
