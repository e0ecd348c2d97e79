import { expect, it } from 'vitest'
import { settingRows } from './settings_difference'
import { endedRun } from './test_records'

const run = (id: string, config: Record<string, unknown>, total_steps = 1000) =>
  endedRun(id, { config: { algorithm: 'ppo', learning_rate: 0.001, n_envs: 64, ...config }, total_steps })
const table = (...runs: ReturnType<typeof run>[]) => settingRows(runs).map(({ name, values }) => [name, ...values])

it('lists only what differs', () => {
  expect(table(run('r1', {}), run('r2', {}))).toEqual([])
  expect(table(run('r1', {}), run('r2', { learning_rate: 0.003 }), run('r3', {}))).toEqual([
    ['learning_rate', '0.001', '0.003', '0.001'],
  ])
})

it('takes the moves of the whole run, which may have been given more', () => {
  expect(table(run('r1', { total_steps: 1000 }), run('r2', { total_steps: 1000 }, 5000))).toEqual([
    ['total_steps', '1,000', '5,000'],
  ])
})

it('names the algorithm first, and has no value where an algorithm does not read a setting', () => {
  const rows = table(run('r1', { clip_range: 0.2 }), run('r2', { algorithm: 'afterstate_td', clip_range: 0.2 }))
  expect(rows[0]).toEqual(['algorithm', 'PPO', 'afterstate TD'])
  expect(rows.every(([, ppo, td]) => ppo !== td)).toBe(true)
  expect(rows.map(([name]) => name)).not.toContain('learning_rate')
})

it('leaves a setting out that an older run does not have', () => {
  expect(table(run('r1', { ema_decay: 0.5 }), run('r2', {}))).toEqual([['ema_decay', '0.5', null]])
})
