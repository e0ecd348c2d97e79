import { expect, it } from 'vitest'
import { hintPlace, menuPlace } from './menu_place'

const menu = { width: 180, height: 200 }
const screen = { width: 412, height: 915 }

it('opens above the finger', () => expect(menuPlace({ x: 200, y: 500 }, menu, screen)).toEqual({ left: 110, top: 288 }))

it('opens below where there is no room above', () => expect(menuPlace({ x: 200, y: 100 }, menu, screen).top).toBe(112))

it('stays on the screen', () => {
  expect(menuPlace({ x: 0, y: 500 }, menu, screen).left).toBe(8)
  expect(menuPlace({ x: 412, y: 500 }, menu, screen).left).toBe(224)
  expect(menuPlace({ x: 100, y: 100 }, menu, { width: 915, height: 240 }).top).toBe(32)
  expect(menuPlace({ x: 100, y: 100 }, menu, { width: 150, height: 180 })).toEqual({ left: 8, top: 8 })
})

it('keeps a hint on the canvas, also where the finger is at its edge', () => {
  const hint = { width: 200, height: 36 }
  expect(hintPlace({ x: 200, y: 300 }, hint, 412)).toEqual({ x: 200, y: 300 })
  expect(hintPlace({ x: 10, y: 20 }, hint, 412)).toEqual({ x: 108, y: 88 })
  expect(hintPlace({ x: 400, y: 300 }, hint, 412).x).toBe(304)
})
