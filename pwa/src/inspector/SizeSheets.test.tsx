import { act, cleanup, render, screen } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import { verdictWith } from '../editor/test_validation'
import { validationStore } from '../editor/validation'
import { forecastStore } from '../runs/forecast'
import { AVERAGE_SERVER } from '../runs/run_config'
import { MemorySheet } from './SizeSheets'

vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { pythonState: createStore(() => ({ status: 'loading' })), forecast: vi.fn(), recipes: vi.fn(), validate: vi.fn() }
})

afterEach(cleanup)

it('says of which server the memory is: an average one until one was reached', () => {
  validationStore.setState({ verdict: verdictWith({}) })
  render(<MemorySheet />)
  const said = () => screen.getByRole('dialog', { name: 'Memory' }).textContent
  expect(said()).toContain('to play, on an average server')
  act(() => forecastStore.setState({ machine: { ...AVERAGE_SERVER, memory_bytes: 8e9 } }))
  expect(said()).toContain('to play, on your server')
})
