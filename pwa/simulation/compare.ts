/** Compares phones and server once everything has settled. */
import { canonical } from './canonical'
import type { Phone } from './phone'
import type { AtRest, Violation } from './server'

/** Whether every phone shows what the server has, and has nothing left to send. */
export async function compare(phones: Phone[], { designs, undelivered = [] }: AtRest): Promise<Violation[]> {
  const violations: Violation[] = []
  const devices = new Map(await Promise.all(phones.map(async (phone) => [await phone.deviceId(), phone.name] as const)))
  for (const [id, device] of undelivered) {
    const phone = devices.get(device)
    if (phone) violations.push({ kind: 'conflict not delivered', id, phone })
  }
  const wanted = new Map(designs.map((design) => [design.id, canonical(design)]))
  for (const phone of phones) {
    const rows = await phone.rows()
    for (const { id, dirty, sent, rejected, ...more } of rows) {
      if (dirty || sent || ['report', 'forked', 'waiting'].some((field) => (more as Record<string, unknown>)[field]))
        violations.push({ kind: 'stuck', phone: phone.name, design: id, rejected: rejected?.problem.detail })
    }
    const shown = rows.filter(({ deleted }) => !deleted)
    for (const { id, work } of shown) {
      if (wanted.get(id) !== canonical(work))
        violations.push({ kind: 'phone differs', phone: phone.name, design: id, alive: wanted.has(id) })
    }
    for (const id of wanted.keys()) {
      if (!shown.some((row) => row.id === id)) violations.push({ kind: 'phone lacks a design', phone: phone.name, design: id })
    }
  }
  return violations
}
