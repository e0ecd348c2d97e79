import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import { openDocument, resetDocuments } from '../document/store'
import { sampleDesign } from '../document/test_designs'
import { uiStore } from '../editor/ui_state'
import { keptNetwork } from '../export/test_exports'
import { networksStore } from '../networks/networks'
import { trainStore } from '../runs/runs'
import { TrainScreen } from './TrainScreen'

vi.mock('../ui/LineChart', () => ({ LineChart: () => null }))

afterEach(() => {
  cleanup()
  trainStore.setState({ trouble: undefined })
  networksStore.setState({ networks: [] })
  resetDocuments()
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

it('offers the export of kept networks where no run is known, as without the server', () => {
  openDocument({ ...sampleDesign(), id: 'd1' })
  networksStore.setState({ networks: [keptNetwork('r1', 512, { designId: 'other' })] })
  render(<TrainScreen />)
  expect(screen.queryByRole('button', { name: 'Export' })).toBeNull()
  act(() => networksStore.setState({ networks: [keptNetwork('r1', 512)] }))
  fireEvent.click(screen.getByRole('button', { name: 'Export' }))
  expect(uiStore.getState().sheet).toEqual({ name: 'export', designId: 'd1' })
})
