import { cleanup, render, screen } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import { trainStore } from '../runs/runs'
import { TrainScreen } from './TrainScreen'

vi.mock('../dashboard/LineChart', () => ({ LineChart: () => null }))

afterEach(() => {
  cleanup()
  trainStore.setState({ trouble: undefined })
})

it('invites to train where nothing was, and does not say so where the server could not be asked', () => {
  render(<TrainScreen />)
  expect(screen.getByText(/Nothing has been learned yet/)).toBeTruthy()
  cleanup()
  trainStore.setState({ trouble: 'The server cannot be reached. Your work is kept on this phone.' })
  render(<TrainScreen />)
  expect(screen.queryByText(/Nothing has been learned yet/)).toBeNull()
  expect(screen.getByText(/Earlier runs are shown when the server is back/)).toBeTruthy()
})
