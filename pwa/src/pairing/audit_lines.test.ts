import { expect, it } from 'vitest'
import type { AuditEntry } from '../generated/wire'
import { linesOf } from './audit_lines'

const entry = (number: number, changes: Partial<AuditEntry> = {}): AuditEntry => ({
  number,
  at: `2026-11-30T10:00:0${number}.000Z`,
  device_id: 'v1',
  device_name: 'Chrome on Android',
  request_id: `r${number}`,
  what: 'design changed',
  subject: 'd1',
  ...changes,
})

it('joins changes of the same kind in a row, and names designs', () => {
  const entries = [
    entry(5, { what: 'run deleted', subject: 'r1' }),
    entry(4),
    entry(3),
    entry(2, { device_id: 'v2', device_name: 'Safari on iPhone' }),
    entry(1, { subject: 'd2' }),
  ]
  expect(linesOf(entries, new Map([['d1', 'Two experts']])).map(({ device, words, count }) => [device, words, count])).toEqual([
    ['Chrome on Android', 'Run deleted', 1],
    ['Chrome on Android', 'Design changed: Two experts', 2],
    ['Safari on iPhone', 'Design changed: Two experts', 1],
    ['Chrome on Android', 'Design changed: d2', 1],
  ])
})
