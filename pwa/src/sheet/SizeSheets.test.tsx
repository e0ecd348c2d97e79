import { act, cleanup, render, screen } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import { AVERAGE_SERVER } from '../recipe/choice'
import { forecastStore } from '../recipe/forecast'
import { verdictWith } from '../validate/test_verdict'
import { verdictStore } from '../validate/verdict'
import { MemorySheet } from './SizeSheets'

vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { pythonState: createStore(() => ({ status: 'loading' })), forecast: vi.fn(), recipes: vi.fn(), validate: vi.fn() }
})

afterEach(cleanup)

it('says of which server the memory is: an average one until one was reached', () => {
  verdictStore.setState({ verdict: verdictWith({}) })
  render(<MemorySheet />)
  const said = () => screen.getByRole('dialog', { name: 'Memory' }).textContent
  expect(said()).toContain('to play, on an average server')
  act(() => forecastStore.setState({ machine: { ...AVERAGE_SERVER, memory_bytes: 8e9 } }))
  expect(said()).toContain('to play, on your server')
})
