import { cleanup, render, screen } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import { sampleDesign } from '../document/test_designs'
import type { RunSummary } from '../runs/run_cache'
import type { StoredDesign } from '../storage/designs'
import { DesignCard } from './DesignCard'
import { libraryStore } from './library'

vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { pythonState: createStore(() => ({ status: 'loading' })), validate: vi.fn() }
})

const work = sampleDesign()
const stored = { id: work.id, work, conflicts: [], rejected: null } as unknown as StoredDesign
const show = (run: RunSummary) => {
  libraryStore.setState({ runs: { [work.id]: run } })
  render(<DesignCard stored={stored} onRename={() => {}} />)
  return screen.getByRole('listitem').textContent
}

afterEach(cleanup)

it('does not say of a run that hangs only that it is learning', () => {
  expect(show({ status: 'running', best: 900, share: 0.61, stuck: true })).toContain('learning · 61 % · not responding')
  cleanup()
  expect(show({ status: 'running', best: 900, share: 0.61 })).not.toContain('responding')
})
