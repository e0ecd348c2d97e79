import { cleanup, render, screen } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import type { Run } from '../generated/wire'
import { trainStore } from '../runs/runs'
import { SettingsOfRun } from './SettingsOfRun'

vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { pythonState: createStore(() => ({ status: 'loading' })) }
})
afterEach(cleanup)

it('shows the settings of a run that its algorithm reads', () => {
  const config = {
    algorithm: 'afterstate_td',
    total_steps: 1_200_000,
    gamma: 0.997,
    symmetries: true,
    reward: 'sqrt_points',
    clip_coef: 0.2,
  }
  trainStore.setState({ run: { config } as unknown as Run })
  render(<SettingsOfRun />)
  const settings = Object.fromEntries(
    screen.getAllByRole('term', { hidden: true }).map((term) => [term.textContent, term.nextElementSibling?.textContent]),
  )
  expect(settings).toMatchObject({
    'Moves · total_stepsmoves': '1,200,000',
    'Discount · gamma': '0.997',
    'Symmetries · symmetries': 'yes',
    'Reward · reward': 'sqrt points',
  })
  expect(Object.keys(settings)).not.toContain('Clip range · clip_coef')
})
