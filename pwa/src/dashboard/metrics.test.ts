import { expect, it } from 'vitest'
import type { Metric, TrainingUpdate } from '../generated/wire'
import { chartsOf, labelOf, METRICS, numberOf, textOf } from './metrics'

const metric = (name: string): Metric => METRICS.find(({ path }) => path.at(-1) === name) as Metric

function shown(name: string, update: object): string | null {
  const value = numberOf(metric(name), update as TrainingUpdate)
  return value === null ? null : textOf(metric(name), value)
}

it('gives no sign to a number that rounds to nothing', () => {
  expect(shown('lb_reward', { moe: { lb_reward: -0.0004 } })).toBe('0.000')
  expect(shown('lb_reward', { moe: { lb_reward: -0.0006 } })).toBe('-0.001')
  expect(shown('policy_loss', { policy_loss: -0.00004 })).toBe('0.0000')
})

it('writes each metric in its style and with its unit', () => {
  expect(shown('episode', { episode: 12_345 })).toBe('12,345 games')
  expect(shown('steps_per_second', { steps_per_second: 12_345 })).toBe('12,345')
  expect(shown('learning_rate', { learning_rate: 0.000612 })).toBe('0.00061')
  expect(shown('approx_kl', { approx_kl: 0.00213 })).toBe('0.0021 nats')
})

it('leaves out what a run does not have', () => {
  expect(shown('lb_reward', { moe: null })).toBeNull()
  expect(shown('loss', {})).toBeNull()
  expect(shown('router_entropy', { moe: { router_entropy: {} } })).toBeNull()
  expect(shown('router_entropy', { moe: { router_entropy: { a: 0.5, b: 1 } } })).toBe('0.750')
})

it('names a metric by a plain word, and then by its term where there is one', () => {
  expect(labelOf(metric('approx_kl'))).toBe('Policy change · approx. KL')
  expect(labelOf(metric('router_entropy'))).toBe('Router entropy')
})

it('draws metrics with the same axis in one chart, and those without an axis in none', () => {
  const charts = chartsOf(METRICS)
  const paths = charts.find(({ axis }) => axis === 'Loss')?.metrics.map(({ path }) => path.join('.'))
  expect(paths).toEqual(['loss', 'policy_loss', 'value_loss'])
  expect(charts.flatMap(({ metrics }) => metrics)).not.toContain(metric('episode'))
})
