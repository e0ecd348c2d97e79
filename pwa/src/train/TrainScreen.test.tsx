import { cleanup, render, screen } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import { trainStore } from '../runs/runs'
import { TrainScreen } from './TrainScreen'

vi.mock('../ui/LineChart', () => ({ LineChart: () => null }))

afterEach(() => {
  cleanup()
  trainStore.setState({ trouble: undefined })
})

it('invites to train where there is no run, and not where the runs could not be read', () => {
  render(<TrainScreen />)
  expect(screen.getByText(/No run yet/)).toBeTruthy()
  cleanup()
  trainStore.setState({ trouble: 'The server cannot be reached. Your work is kept on this phone.' })
  render(<TrainScreen />)
  expect(screen.queryByText(/No run yet/)).toBeNull()
  expect(screen.getByText(/Earlier runs are shown when the server is back/)).toBeTruthy()
})
