import 'fake-indexeddb/auto'
import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { runsStore } from '../runs/run_cache'
import { CompareScreen } from './CompareScreen'
import { recordsStore } from './records'
import { endedRun, recordWith } from './test_records'

vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { pythonState: createStore(() => ({ status: 'failed' })) }
})
vi.mock('../api/results', () => ({ readRun: () => new Promise(() => {}) }))
vi.mock('../api/api', async (original) => ({ ...(await original<object>()), listRuns: () => new Promise(() => {}) }))

beforeEach(() => {
  vi.stubGlobal('matchMedia', () => Object.assign(new EventTarget(), { matches: false }))
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe() {}
      disconnect() {}
    },
  )
  window.history.replaceState(null, '', '#/compare/r1,r2')
  recordsStore.setState({
    loaded: {
      r1: { record: recordWith('r1', {}, { name: 'First' }) },
      r2: { record: recordWith('r2', { tests: [] }, { config: { algorithm: 'afterstate_td' }, design_hash: 'other' }) },
    },
  })
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

it('shows the chosen runs side by side', () => {
  render(<CompareScreen runIds={['r1', 'r2']} />)
  const rows = within(screen.getByRole('list', { name: 'Compared runs' })).getAllByRole('listitem')
  expect(rows.map(({ textContent }) => textContent)).toEqual([
    expect.stringContaining('First · 1,000 moves'),
    expect.stringContaining('afterstate TD · 1,000 moves'),
  ])
  const numbers = screen.getByRole('region', { name: 'Numbers of the runs' })
  expect(within(numbers).getByRole('row', { name: /^Test score/ }).textContent).toBe('Test score900–not known')
  const settings = screen.getByRole('region', { name: 'Settings that differ between the runs' })
  expect(within(settings).getByRole('row', { name: /^Algorithm/ }).textContent).toBe('AlgorithmPPOafterstate TD')
  expect(screen.getByRole('region', { name: 'Test games' }).textContent).toContain('No test games: B.')
  expect(screen.getByText(/The design of a run can no longer be read/)).toBeTruthy()
})

it('takes a run away by its address', () => {
  render(<CompareScreen runIds={['r1', 'r2']} />)
  fireEvent.click(screen.getByRole('button', { name: 'Remove run A' }))
  expect(window.location.hash).toBe('#/compare/r2')
})

it('asks for runs where there is only one, those of the same design first', () => {
  runsStore.setState({ runs: [endedRun('r9', { design_id: 'other' }), endedRun('r3'), endedRun('r1')] })
  render(<CompareScreen runIds={['r1']} />)
  const dialog = screen.getByRole('dialog', { name: 'Runs to compare' })
  const boxes = within(dialog).getAllByRole<HTMLInputElement>('checkbox')
  expect(boxes.map(({ checked }) => checked)).toEqual([false, true, false])
  expect(within(dialog).getByRole<HTMLButtonElement>('button', { name: 'Choose at least two' }).disabled).toBe(true)
  fireEvent.click(boxes[0] as HTMLElement)
  expect(window.location.hash).toBe('#/compare/r1,r3')
})

it('takes no seventh run', () => {
  const six = ['a1', 'a2', 'a3', 'a4', 'a5', 'a6']
  runsStore.setState({ runs: [...six, 'a7'].map((id) => endedRun(id)) })
  render(<CompareScreen runIds={six} />)
  fireEvent.click(screen.getByRole('button', { name: 'Change runs' }))
  const boxes = within(screen.getByRole('dialog')).getAllByRole<HTMLInputElement>('checkbox')
  expect(boxes.map(({ disabled }) => disabled)).toEqual([...six.map(() => false), true])
})

it('draws the curves over another axis, and names runs that have none on it', async () => {
  const old = recordWith('r2', { points: [{ steps: 1, seconds: 1, processor: null, score: 5 }] })
  await act(async () => recordsStore.setState(({ loaded }) => ({ loaded: { ...loaded, r2: { record: old } } })))
  render(<CompareScreen runIds={['r1', 'r2']} />)
  expect(screen.getByRole('img', { name: 'Score of the compared runs' }).getAttribute('aria-description')).toBe(
    'Mean score at the end: A 800, B 5',
  )
  fireEvent.click(screen.getByRole('radio', { name: 'Processor' }))
  expect(screen.getByText(/^B: trained before processor time was measured/)).toBeTruthy()
  fireEvent.click(screen.getByRole('radio', { name: 'Test score' }))
  expect(screen.getByRole('img', { name: 'Score of the compared runs' }).getAttribute('aria-description')).toBe(
    'Mean score at the end: A 900, B 900',
  )
})

it('says which run is not on this phone', () => {
  recordsStore.setState(({ loaded }) => ({ loaded: { r1: loaded.r1 ?? {}, r2: { trouble: 'Not on this phone.' } } }))
  render(<CompareScreen runIds={['r1', 'r2']} />)
  expect(screen.getByText('Not on this phone.')).toBeTruthy()
  expect(screen.getByText('Two runs that this phone has are needed.')).toBeTruthy()
})
