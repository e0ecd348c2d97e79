import { act, cleanup, render, screen } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import { sampleDesign } from '../document/test_designs'
import { noMemory, resultWith } from '../editor/test_validation'
import { validationStore } from '../editor/validation'
import { forecastStore } from '../runs/forecast'
import { AVERAGE_SERVER } from '../runs/run_config'
import { MemorySheet } from './SizeSheets'

vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { pythonState: createStore(() => ({ status: 'loading' })), forecast: vi.fn(), recipes: vi.fn(), validate: vi.fn() }
})

afterEach(cleanup)

it('says of which run the memory is: of the one that would be started, once it is known', () => {
  const forDesign = sampleDesign()
  const memory = { ...noMemory, training: 75.3e6, rollout: 20e6 }
  validationStore.setState({ result: resultWith({ memory: { ...noMemory, training: 146e6 } }), forDesign })
  render(<MemorySheet />)
  const said = () => screen.getByRole('dialog', { name: 'Memory' }).textContent
  expect(said()).toContain('146 MB to train, 0 B to play, for a run by PPO with the default settings')
  const forecast = { training_bytes: 75.3e6, memory, fits: null, largest_microbatch: null, seconds: null }
  act(() => forecastStore.setState({ forecast, forDesign, algorithm: 'afterstate_td' }))
  const run = 'for a run by afterstate TD with the settings of the Train screen'
  expect(said()).toContain(`75.3 MB to train, 0 B to play, ${run}, on an average server`)
  expect(said()).toContain('20 MB')
  act(() => forecastStore.setState({ machine: { ...AVERAGE_SERVER, memory_bytes: 8e9 } }))
  expect(said()).toContain(`${run}, on your server`)
})
