import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { rename } from '../document/commands'
import { commit, documentStore, openDocument, resetDocuments, undo } from '../document/store'
import { sampleDesign } from '../document/test_designs'
import type { ModelArchitecture } from '../generated/wire'
import { showToast } from '../ui/toasts'
import { Toasts } from './Toasts'

const design = () => documentStore.getState().design as ModelArchitecture
const shown = () => [...document.querySelectorAll('.toast:not([data-limited])')].map(({ textContent }) => textContent)
const commandRegion = () => document.querySelector('.sr-only')?.textContent

beforeEach(() => {
  vi.useFakeTimers()
  resetDocuments()
  openDocument(sampleDesign())
  render(<Toasts />)
})
afterEach(() => {
  cleanup()
  vi.useRealTimers()
})

it('announces a message politely, and a refusal at once', () => {
  act(() => void showToast('Copied'))
  expect(screen.getByRole('status', { name: 'Notifications' }).textContent).toBe('Copied')
  expect(screen.queryByRole('alert')).toBeNull()
  act(() => void showToast('These two do not fit', { tone: 'bad' }))
  expect(screen.getByRole('alert').textContent).toBe('These two do not fit')
})

it('shows a message for as long as it takes to read', () => {
  const long = 'word '.repeat(40)
  act(() => void showToast('Copied'))
  act(() => void showToast(long))
  act(() => vi.advanceTimersByTime(3600))
  expect(shown()).toEqual([long])
  act(() => vi.advanceTimersByTime(long.length * 60))
  expect(shown()).toEqual([])
})

it('waits while a pointer rests on it', () => {
  act(() => void showToast('Copied'))
  fireEvent.mouseEnter(screen.getByRole('status'))
  act(() => vi.advanceTimersByTime(60_000))
  expect(shown()).toEqual(['Copied'])
  fireEvent.mouseLeave(screen.getByRole('status'))
  act(() => vi.advanceTimersByTime(3600))
  expect(shown()).toEqual([])
})

it('shows the two newest messages, and a repeated one once', () => {
  for (const text of ['one', 'two', 'two', 'three']) act(() => void showToast(text))
  expect(shown()).toEqual(['three', 'two'])
})

it('has a button that undoes, named after what it undoes, and closes with it', () => {
  const run = vi.fn()
  act(() => void showToast('Deleted Linear', { undo: { action: 'delete Linear', run } }))
  act(() => vi.advanceTimersByTime(7900))
  fireEvent.click(screen.getByRole('button', { name: 'Undo: delete Linear' }))
  expect(run).toHaveBeenCalledOnce()
  expect(shown()).toEqual([])
})

it('announces commands that show no message, and none twice', () => {
  act(() => {
    commit(rename(design(), { name: 'Another' }))
    showToast(documentStore.getState().summary)
  })
  expect(commandRegion()).toBe('')
  act(() => vi.advanceTimersByTime(10_000))
  expect(commandRegion()).toBe('')
  act(undo)
  expect(commandRegion()).toMatch(/^Undid: /)
})
