import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { documentStore, openDocument, resetDocuments } from '../document/store'
import { sampleDesign } from '../document/test_designs'
import { noMemory, resultWith } from '../editor/test_validation'
import { uiStore } from '../editor/ui_state'
import { validationStore } from '../editor/validation'
import type { MemoryEstimate, Problem, ValidationResult } from '../generated/wire'
import { offlineState } from '../offline/offline'
import { pythonState } from '../python/client'
import { forecastStore } from '../runs/forecast'
import { ValidationBanner } from './ValidationBanner'

vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { pythonState: createStore(() => ({ status: 'loading' })), validate: vi.fn(), generate: vi.fn(), canConnect: vi.fn() }
})
vi.mock('../offline/offline', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { offlineState: createStore(() => ({ pack: 'absent', progress: 0, updateWaiting: false, persisted: undefined })) }
})

const problem = (component_id: string | null, message: string, fix: Problem['fix'] = null): Problem => ({
  code: message,
  message,
  component_id,
  field: null,
  expected: null,
  received: null,
  params: {},
  fix,
})
const result = (problems: Problem[], more: Partial<ValidationResult> = {}): ValidationResult =>
  resultWith({ problems, paramCount: 0.41, memory: memoryOf(146e6), parameters: 412_677, ...more })
const memoryOf = (training: number): MemoryEstimate => ({ ...noMemory, training })
const status = () => screen.getByRole('status', { name: 'Validation' })

beforeEach(() => {
  resetDocuments()
  openDocument(sampleDesign())
  uiStore.setState({ folded: false, hints: false, sheet: null })
  forecastStore.setState({ forecast: null, forDesign: null })
  validationStore.setState({ result: null, forDesign: null, trouble: undefined, by: 'phone' })
  render(<ValidationBanner />)
})
afterEach(cleanup)

describe('the banner', () => {
  it('says honestly that nothing was checked yet', () => {
    act(() => offlineState.setState({ pack: 'filling', progress: 0.63 }))
    expect(status().textContent).toBe('Checking starts when Python is ready · 63 %')
    act(() => pythonState.setState({ status: 'loading', progress: { done: 1_200_000, total: 3_600_000 } }))
    expect(status().textContent).toContain('Loading Python · 1.2 MB of 3.6 MB')
    expect(status().textContent).toContain('Draw, move and save already')
    expect(screen.getByRole('progressbar', { name: 'Python' }).getAttribute('value')).toBe('1200000')
    act(() => pythonState.setState({ status: 'failed' }, true))
    expect(status().textContent).toBe('Asking the server to check…')
    expect(screen.queryByLabelText('Parameters')).toBeNull()
  })

  const memoryIs = (words: string) => vi.waitFor(() => expect(screen.getByLabelText('Memory').textContent).toBe(words))

  it('is valid with the exact size', async () => {
    act(() => validationStore.setState({ result: result([]) }))
    expect(status().textContent).toMatch(/^Valid/)
    expect(screen.getByLabelText('Parameters').textContent).toBe('412,677')
    await memoryIs('146 MB')
  })

  it('shows the memory of the run that would be started, as the Train screen does, also while edits are checked', async () => {
    const forDesign = sampleDesign()
    act(() => validationStore.setState({ result: result([]), forDesign }))
    const forecast = { training_bytes: 75.3e6, memory: memoryOf(75.3e6), fits: true, largest_microbatch: 64, seconds: 60 }
    act(() => forecastStore.setState({ forecast, forDesign, algorithm: 'afterstate_td', partial: false }))
    await memoryIs('75.3 MB')
    act(() => validationStore.setState({ result: result([problem('c3', 'one')]), forDesign: { ...forDesign, name: 'edited' } }))
    await memoryIs('≥ 75.3 MB')
    act(() => validationStore.setState({ result: result([]), forDesign: { ...forDesign, id: 'another' } }))
    await memoryIs('146 MB')
  })

  it('shows the first three problems, each leading to its block, each mended by one tap', () => {
    const fix = {
      action: 'set_property' as const,
      component_id: 'c3',
      field: 'bias',
      value: false,
      label: 'Set bias to false',
      label_code: '',
      label_params: {},
    }
    const four = [problem('c3', 'one', fix), problem('c4', 'two'), problem(null, 'three'), problem('c5', 'four')]
    act(() => validationStore.setState({ result: result(four), forDesign: sampleDesign() }))
    expect(status().textContent).toMatch(/^4 problems/)
    expect(screen.getByLabelText('Parameters').textContent).toBe('≥ 412,677')
    expect(status().textContent).toContain('Three')
    expect(status().textContent).not.toContain('four')
    fireEvent.click(screen.getByRole('button', { name: 'Transformer layer 2 two' }))
    expect(documentStore.getState().selection).toEqual(['c4'])
    fireEvent.click(screen.getByRole('button', { name: 'Set bias to false' }))
    expect(documentStore.getState().design?.components.find(({ id }) => id === 'c3')?.props.bias).toBe(false)
  })

  it('is valid with hints, which unfold with their fixes and lead to their blocks', () => {
    const fix = {
      action: 'set_property' as const,
      component_id: 'c3',
      field: 'bias',
      value: false,
      label: 'Do without the bias',
      label_code: '',
      label_params: {},
    }
    act(() =>
      validationStore.setState({
        result: result([], { warnings: [problem('c3', 'could be better', fix)] }),
        forDesign: sampleDesign(),
      }),
    )
    expect(status().textContent).toMatch(/^Valid/)
    expect(status().textContent).not.toContain('could be better')
    fireEvent.click(screen.getByRole('button', { name: '1 hint' }))
    fireEvent.click(screen.getByRole('button', { name: 'Transformer layer 1 could be better' }))
    expect(documentStore.getState().selection).toEqual(['c3'])
    fireEvent.click(screen.getByRole('button', { name: 'Do without the bias' }))
    expect(documentStore.getState().design?.components.find(({ id }) => id === 'c3')?.props.bias).toBe(false)
  })

  it('opens the sheets of its two numbers', () => {
    act(() => validationStore.setState({ result: result([]) }))
    const open = (label: string) => fireEvent.click(within(screen.getByLabelText(label)).getByRole('button'))
    open('Memory')
    expect(uiStore.getState().sheet).toEqual({ name: 'memory' })
    open('Parameters')
    expect(uiStore.getState().sheet).toEqual({ name: 'parameters' })
  })

  it('counts one problem in the singular', () => {
    act(() => validationStore.setState({ result: result([problem('c3', 'one')]) }))
    expect(status().textContent).toMatch(/^1 problem(?!s)/)
  })
})
