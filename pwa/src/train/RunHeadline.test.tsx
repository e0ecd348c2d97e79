import { act, cleanup, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { liveState } from '../live/live'
import type { StoredCommand } from '../storage/commands'
import { syncState } from '../sync/sync'
import { RunHeadline } from './RunHeadline'
import { trainStore } from './runs'

vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { pythonState: createStore(() => ({ status: 'loading' })) }
})

const command: StoredCommand = { id: 'k1', kind: 'train', designId: 'd1', config: {}, status: 'waiting', createdAt: '2026-11-01' }
const words = () => screen.getByRole('status', { name: 'Run' }).textContent
const WAITING = 'Waiting for the connection. Then it starts.'

beforeEach(() => {
  liveState.setState({ connected: true })
  syncState.setState({ failing: false })
  trainStore.setState({ command, run: null })
})
afterEach(cleanup)

it('says that it waits for the connection where the line is lost, and lets one think again', () => {
  liveState.setState({ connected: false })
  render(<RunHeadline />)
  expect(words()).toContain(WAITING)
  expect(screen.getByRole('button', { name: 'Never mind' })).toBeDefined()
})

it('says so where the line seems open and calls fail, and starts when they get through', () => {
  syncState.setState({ failing: true })
  render(<RunHeadline />)
  expect(words()).toContain(WAITING)
  act(() => syncState.setState({ failing: false }))
  expect(words()).toContain('Starting…')
  expect(screen.queryByRole('button')).toBeNull()
})

it('starts once the wish has been taken, whatever the line does', () => {
  trainStore.setState({ command: { ...command, status: 'running' } })
  liveState.setState({ connected: false })
  render(<RunHeadline />)
  expect(words()).toContain('Starting…')
})
