import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { documentStore, openDocument, resetDocuments } from '../document/store'
import { sampleDesign } from '../document/test_designs'
import { resultWith } from '../editor/test_validation'
import { validationStore } from '../editor/validation'
import { startHistory } from '../navigation/history'
import { trainStore } from '../runs/runs'
import { CoachStrip } from './CoachStrip'
import { coachStore, offerCoach, repeatCoach } from './coach'

vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { pythonState: createStore(() => ({ status: 'loading' })) }
})

let stop: () => void
beforeEach(() => {
  localStorage.clear()
  window.history.replaceState(null, '', '#/d/d1')
  stop = startHistory()
  resetDocuments()
  openDocument(sampleDesign())
  validationStore.setState({ result: null })
  coachStore.setState({ step: undefined })
})
afterEach(() => {
  stop()
  cleanup()
})

const strip = () => screen.queryByRole('region', { name: 'First steps' })
const step = () => screen.getByRole('status', { name: 'First step' }).textContent

it('is shown to who has no designs yet, and to nobody else', () => {
  render(<CoachStrip />)
  expect(strip()).toBeNull()
  act(() => offerCoach(true))
  expect(strip()).toBeNull()
  act(() => offerCoach(false))
  expect(strip(), 'it is decided once').toBeNull()
  act(() => coachStore.setState({ step: undefined }))
  act(() => offerCoach(false))
  expect(step()).toMatch(/^Step 1 of 3Draw\./)
  expect(strip()?.contains(document.activeElement)).toBe(false)
  expect(JSON.parse(localStorage.getItem('model-studio-first-steps') ?? '')).toBe('draw')
})

it('goes on as a person draws, trains and plays', () => {
  act(repeatCoach)
  render(<CoachStrip />)
  act(() => documentStore.setState({ past: documentStore.getState().past.concat([{}] as never) }))
  expect(step(), 'an invalid drawing is not done').toContain('Draw.')
  act(() => validationStore.setState({ result: resultWith({ problems: [] }) }))
  expect(step()).toContain('Train.')
  act(() => trainStore.setState({ command: { id: 'k1' } as never }))
  expect(step()).toContain('Play.')
  act(() => {
    window.history.replaceState(null, '', '#/d/d1/play')
    window.dispatchEvent(new HashChangeEvent('hashchange'))
  })
  expect(strip()).toBeNull()
  expect(coachStore.getState().step).toBeNull()
  act(() => trainStore.setState({ command: undefined }))
})

it('leaves out the steps before one that is done', () => {
  act(repeatCoach)
  render(<CoachStrip />)
  act(() => trainStore.setState({ command: { id: 'k1' } as never }))
  expect(step()).toContain('Play.')
  act(() => trainStore.setState({ command: undefined }))
})

it('is closed for good, and shown again from Help', () => {
  act(repeatCoach)
  render(<CoachStrip />)
  fireEvent.click(screen.getByRole('button', { name: 'Next' }))
  expect(step()).toContain('Train.')
  fireEvent.click(screen.getByRole('button', { name: 'Dismiss first steps' }))
  expect(strip()).toBeNull()
  act(() => offerCoach(false))
  expect(strip()).toBeNull()
  act(repeatCoach)
  expect(step()).toContain('Draw.')
})
