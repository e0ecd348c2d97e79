import { act, cleanup, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { readMachine } from '../api/api'
import { documentStore, openDocument, resetDocuments } from '../document/store'
import { firstTemplate } from '../document/test_designs'
import type { Forecast, Machine } from '../generated/wire'
import { forecast } from '../python/client'
import { verdictWith } from '../validate/test_verdict'
import { verdictStore } from '../validate/verdict'
import { forecastStore, hearMachine } from './forecast'
import { Outlook } from './Outlook'

vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { pythonState: createStore(() => ({ status: 'ready' })), forecast: vi.fn(), validate: vi.fn() }
})
vi.mock('../api/api', async (original) => ({ ...(await original<object>()), readMachine: vi.fn() }))

const machine: Machine = {
  cores: 8,
  memory_bytes: 32e9,
  multiply_adds_per_second: 1e10,
  step_overhead_s: 0.001,
  measured_at: '2026-11-01T00:00:00Z',
  run_memory_bytes: 24e9,
}
const told: Forecast = { training_bytes: 41e6, fits: true, largest_microbatch: 4096, seconds: 1620 }
const panel = () => screen.queryByRole('region', { name: 'Before a run' })

beforeEach(() => {
  localStorage.clear()
  forecastStore.setState({ machine: null, forecast: null, of: null })
  vi.mocked(forecast).mockReset().mockResolvedValue(told)
  resetDocuments()
  openDocument(firstTemplate())
  verdictStore.setState({ verdict: verdictWith({}), of: documentStore.getState().design })
})
afterEach(cleanup)

it('says nothing before the server was ever heard', () => {
  render(<Outlook />)
  expect(panel()).toBeNull()
  expect(forecast).not.toHaveBeenCalled()
})

it('says what a run would take of the server last heard, and keeps that server for offline', async () => {
  vi.mocked(readMachine).mockResolvedValueOnce(machine)
  render(<Outlook />)
  await act(hearMachine)
  await vi.waitFor(() => expect(panel()?.textContent).toContain('about 27 min'))
  expect(panel()?.textContent).toContain('24 GB and 8 cores')
  expect(panel()?.textContent).toContain('4,096')
  expect(JSON.parse(localStorage.getItem('model-studio-machine') ?? '')).toEqual(machine)
  vi.mocked(readMachine).mockRejectedValueOnce(new Error('offline'))
  await act(hearMachine)
  expect(forecastStore.getState().machine).toEqual(machine)
})

it('says that the speed is not measured yet, and that memory will not do', async () => {
  vi.mocked(forecast).mockResolvedValue({ training_bytes: 64e9, fits: false, largest_microbatch: null, seconds: null })
  forecastStore.setState({ machine })
  render(<Outlook />)
  await vi.waitFor(() => expect(panel()?.textContent).toContain('not measured yet'))
  expect(panel()?.textContent).toContain('more than the server has for a run: 24 GB')
  expect(panel()?.textContent).not.toContain('Boards at once')
})

it('asks nothing about a drawing that is not valid', () => {
  verdictStore.setState({ verdict: verdictWith({ valid: false }) })
  forecastStore.setState({ machine })
  render(<Outlook />)
  expect(forecast).not.toHaveBeenCalled()
})
