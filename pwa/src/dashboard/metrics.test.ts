import { expect, it } from 'vitest'
import type { TrainingUpdate } from '../generated/wire'
import { FIGURES } from './figures'

const shown = (title: string, update: object) => FIGURES.find((figure) => figure.title === title)?.show(update as TrainingUpdate)

it('gives no sign to a number that rounds to nothing', () => {
  expect(shown('Balance', { moe: { lb_reward: -0.0004 } })).toBe('0.000')
  expect(shown('Balance', { moe: { lb_reward: -0.0006 } })).toBe('-0.001')
  expect(shown('Policy loss', { policy_loss: -0.00004 })).toBe('0.0000')
})

it('leaves out what a run does not have', () => {
  expect(shown('Balance', { moe: null })).toBeNull()
  expect(shown('Router entropy', { moe: { router_entropy: {} } })).toBeNull()
  expect(shown('Router entropy', { moe: { router_entropy: { a: 0.5, b: 1 } } })).toBe('0.750')
})
