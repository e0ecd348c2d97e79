// @vitest-environment jsdom
import { afterEach, expect, it, vi } from 'vitest'
import { sampleDesign } from '../document/test_designs'
import type { Forecast } from '../generated/wire'
import { expectedSeconds, forecastStore } from './forecast'
import { chooseMoves, chooseRecipe } from './run_config'

vi.mock('../python/client', () => ({
  pythonState: { getState: () => ({ status: 'loading' }), subscribe: () => () => {} },
  forecast: vi.fn(),
  recipes: vi.fn(),
  validate: vi.fn(),
}))

const design = sampleDesign()
const forecasted = (seconds: number | null, forDesign = design): void =>
  forecastStore.setState({ forecast: { seconds } as Forecast, forDesign })

afterEach(() => forecastStore.setState({ forecast: null, forDesign: null }))

it('a run takes as long as is forecast, else as its length says, and nobody knows of an own length', () => {
  chooseRecipe('long')
  expect(expectedSeconds(design)).toBe(7200)
  forecasted(4000)
  expect(expectedSeconds(design)).toBe(4000)
  forecasted(4000, { ...design, id: 'other' })
  expect(expectedSeconds(design)).toBe(7200)
  forecasted(null)
  chooseRecipe('quick_look')
  expect(expectedSeconds(design)).toBe(120)
  chooseMoves(1234)
  expect(expectedSeconds(design)).toBeUndefined()
  forecasted(700)
  expect(expectedSeconds(design)).toBe(700)
})
