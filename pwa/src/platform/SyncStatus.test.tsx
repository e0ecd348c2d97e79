import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { liveState } from '../live/live'
import { syncState } from '../sync/sync'
import { PairingHint } from './PairingHint'
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
  expect(words()).toBe('Not connected')
  act(() => syncState.setState({ waitingCommands: 1 }))
  expect(words()).toBe('Offline · 1 item waiting')
  act(() => syncState.setState({ waitingCommands: 0 }))
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

it('shows a link to pairing on a phone that is not paired, and says that nothing is lost', () => {
  syncState.setState({
    status: 'waiting',
    waiting: 1,
    failing: true,
    failure: 'unpaired',
    lastSyncedAt: '2026-11-30T10:00:00.000Z',
  })
  render(
    <>
      <SyncStatus />
      <PairingHint />
    </>,
  )
  expect(words()).toBe('Not paired · 1 change waiting')
  const hint = screen.getByRole('region', { name: 'Not paired' })
  expect(hint.textContent).toContain('Your designs stay here')
  expect(screen.getByRole('link', { name: 'Pair again' }).getAttribute('href')).toBe('#/pair')
  act(() => syncState.setState({ status: 'saved-on-server', waiting: 0, failing: false, failure: undefined }))
  expect(screen.queryByRole('region', { name: 'Not paired' })).toBeNull()
})
