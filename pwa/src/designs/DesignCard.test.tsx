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
const stored = { id: work.id, work, conflicts: [], rejected: null, updatedAt: '2026-11-03T10:00:00Z' } as unknown as StoredDesign
const show = (run: RunSummary) => {
  libraryStore.setState({ runs: { [work.id]: run } })
  render(<DesignCard stored={stored} />)
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

it('says how the newest run stands, its score while it learns, and when the design was changed', () => {
  expect(show({ status: 'running', best: 1900, score: 1234, share: 0.4 })).toContain('learning · 40 % · score 1,234')
  expect(screen.getByRole('listitem').querySelector('time')?.dateTime).toBe('2026-11-03T10:00:00Z')
  cleanup()
  expect(show({ status: 'finished', best: 1900, score: 1234, share: 1 })).not.toContain('score 1,234')
  cleanup()
  expect(show({ status: 'interrupted', best: null, share: 0.4 })).toContain('last run was interrupted')
})
