import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { liveState } from '../live/live'
import { syncState } from '../sync/sync'
import { SyncStatus } from './SyncStatus'
import { OFFLINE_AFTER_MS } from './useOfflineDebounced'

const words = () => screen.getByRole('status', { name: 'Sync' }).textContent

beforeEach(() => {
  vi.useFakeTimers()
  liveState.setState({ connected: true })
  syncState.setState({ status: 'saved-on-server', waiting: 0 })
})
afterEach(() => {
  cleanup()
  vi.useRealTimers()
})

it('shows that the phone is offline once the server has been unreachable for a while', () => {
  render(<SyncStatus />)
  act(() => liveState.setState({ connected: false }))
  act(() => vi.advanceTimersByTime(OFFLINE_AFTER_MS - 1))
  expect(words()).toBe('Saved on server')
  act(() => vi.advanceTimersByTime(1))
  expect(words()).toBe('Offline · Saved on server')
  act(() => liveState.setState({ connected: true }))
  expect(words()).toBe('Saved on server')
})

it('shows that sync is stuck, and opens the details', async () => {
  syncState.setState({ status: 'waiting', waiting: 1, stuck: true })
  render(<SyncStatus />)
  expect(words()).toBe('Stuck · 1 change waiting')
  fireEvent.click(screen.getByRole('button', { name: /1 change waiting/ }))
  await act(async () => void (await import('./SyncSheet')))
  expect(screen.getByRole('dialog', { name: 'Sync' }).textContent).toContain('The server answers, but for a minute nothing')
  expect(screen.getByRole('button', { name: 'Try now' })).toBeDefined()
  syncState.setState({ stuck: false })
})
