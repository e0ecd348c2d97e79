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

it('tells what the run was asked for, of what its algorithm reads', () => {
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
  const told = Object.fromEntries(
    screen.getAllByRole('term', { hidden: true }).map((term) => [term.textContent, term.nextElementSibling?.textContent]),
  )
  expect(told).toMatchObject({ Stepsmoves: '1,200,000', Discount: '0.997', Symmetries: 'yes', Reward: 'sqrt points' })
  expect(Object.keys(told)).not.toContain('Clip')
})
