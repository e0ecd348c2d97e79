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

it('does not say of a run that hangs that it is learning', () => {
  const hung = show({ status: 'running', best: 900, share: 0.618, stuck: true })
  expect(hung).toContain('not responding · 61 %')
  expect(hung).not.toContain('learning')
  cleanup()
  expect(show({ status: 'running', best: 900, share: 0.618 })).toContain('learning · 61 %')
  cleanup()
  expect(show({ status: 'paused', best: 900, share: 0.618, stuck: true })).toContain('paused · not responding')
})
