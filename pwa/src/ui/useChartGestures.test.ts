import type uPlot from 'uplot'
import { expect, it } from 'vitest'
import { extentOf, readAt } from './useChartGestures'

/** A chart of 100 moves in 200 px that begin at 50 px, with this part of it in sight. */
function chart(min = 0, max = 100): uPlot {
  const x = Array.from({ length: 11 }, (_, place) => place * 10)
  return {
    data: [x],
    over: { getBoundingClientRect: () => ({ left: 50, width: 200 }) },
    root: { getBoundingClientRect: () => ({ left: 10 }) },
    posToIdx: (px: number) => Math.round((min + (px / 200) * (max - min)) / 10),
    posToVal: (px: number) => min + (px / 200) * (max - min),
    valToPos: (value: number) => ((value - min) / (max - min)) * 200,
  } as unknown as uPlot
}

it('reads the values nearest to the finger, also beyond the edges', () => {
  expect(readAt(chart(), 50 + 82)).toEqual({ index: 4, left: 120, isLeft: true })
  expect(readAt(chart(), 0).index).toBe(0)
  expect(readAt(chart(), 900)).toMatchObject({ index: 10, isLeft: false })
})

it('keeps what was under both fingers under them', () => {
  const extent = extentOf(chart(), { from: 40, to: 60 }, [90, 210])
  expect(extent).not.toBeNull()
  const { min, max } = extent as { min: number; max: number }
  const at = (value: number) => 50 + ((value - min) / (max - min)) * 200
  expect(at(40)).toBeCloseTo(90)
  expect(at(60)).toBeCloseTo(210)
})

it('shows all of it when it is pinched together, and no less than a small part when apart', () => {
  expect(extentOf(chart(40, 60), { from: 45, to: 55 }, [140, 150])).toBeNull()
  const { min, max } = extentOf(chart(), { from: 49.99, to: 50.01 }, [50, 250]) as { min: number; max: number }
  expect(max - min).toBeCloseTo(0.5)
  expect(min).toBeGreaterThanOrEqual(0)
})
