import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { sampleDesign } from '../document/test_designs'
import type { StoredDesign } from '../storage/designs'
import { DesignList } from './DesignList'
import { libraryStore } from './library'
import { STEP } from './useGrowingCount'

vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { pythonState: createStore(() => ({ status: 'loading' })), validate: vi.fn() }
})

let reachEnd: () => void = () => {}
beforeEach(() => {
  localStorage.clear()
  libraryStore.setState({ runs: {}, sizes: {} })
  vi.stubGlobal(
    'IntersectionObserver',
    class {
      constructor(report: (entries: { isIntersecting: boolean }[]) => void) {
        reachEnd = () => act(() => report([{ isIntersecting: true }]))
      }
      observe() {}
      disconnect() {}
    },
  )
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

const stored = (index: number): StoredDesign => {
  const work = { ...sampleDesign(), id: `d${index}`, name: `Design ${index}` }
  return { id: work.id, work, conflicts: [], rejected: null, updatedAt: '2026-11-03T10:00:00Z' } as unknown as StoredDesign
}
const many = (count: number) => Array.from({ length: count }, (_, index) => stored(index))
const names = () => screen.getAllByRole('listitem').map((card) => card.querySelector('b')?.textContent)

it('makes the cards near the screen, and more as its end comes near', () => {
  render(<DesignList designs={many(500)} />)
  expect(names()).toHaveLength(STEP)
  reachEnd()
  expect(names()).toHaveLength(2 * STEP)
  cleanup()
  render(<DesignList designs={many(3)} />)
  expect(names()).toHaveLength(3)
})

it('searches and orders all of them, and says where nothing is found', async () => {
  render(<DesignList designs={many(500)} />)
  const field = screen.getByRole('searchbox', { name: 'Search designs' })
  await act(async () => fireEvent.change(field, { target: { value: '99 design' } }))
  expect(names()).toHaveLength(5)
  expect(screen.getByText('5 designs of 500')).toBeDefined()
  act(() => fireEvent.change(screen.getByRole('combobox', { name: 'Sort by' }), { target: { value: 'name' } }))
  expect(names()[1]).toBe('Design 199')
  await act(async () => fireEvent.change(field, { target: { value: 'zebra' } }))
  const result = screen.getByRole('status', { name: 'Search result' })
  expect(result.textContent).toContain('No design has “zebra” in its name.')
  await act(async () => fireEvent.click(within(result).getByRole('button')))
  expect(names()).toHaveLength(STEP)
})

it('needs no search for a single design', () => {
  render(<DesignList designs={many(1)} />)
  expect(screen.queryByRole('searchbox')).toBeNull()
})
