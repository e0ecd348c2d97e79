import { expect, test } from 'vitest'
import { randomFrom } from '../document/test_designs'
import { getDesign, listDesigns } from '../storage/designs'
import { unreachable } from './fake_server'
import { countWaiting } from './sync_session'
import { addTo, copyPhone, dropFrom, names, on, server, startAfresh, sync } from './test_phones'

startAfresh()

const FAULTS = ['a restored server', 'a folder copied back', 'a phone put back', 'a cloned phone'] as const
const seeds = Array.from({ length: 60 }, (_, seed) => [seed, FAULTS[seed % FAULTS.length] ?? FAULTS[0]] as const)

test.each(seeds)('three phones on a bad network lose nothing (seed %i, %s)', async (seed, fault) => {
  const random = randomFrom(seed)
  const made = new Set<string>()
  const deleted = new Set<string>()
  const late: (() => void)[] = []
  const maybe = (share: number): boolean => random() < share
  server.before = () => {
    if (maybe(0.2)) unreachable()
  }
  server.after = () => {
    const call = structuredClone(server.calls.at(-1))
    if (call && maybe(0.2)) late.push(() => server.handle(call))
    if (maybe(0.25)) unreachable()
  }
  const backup = (): (() => void) => server.backup({ newEpoch: fault === 'a restored server' })
  let restore = backup()
  let phoneCopy: ((phone: string) => Promise<void>) | undefined
  /** Put the copy of a phone back or on another one; what that one has not sent would be lost, as with a lost phone. */
  const replacePhone = async (): Promise<void> => {
    await on(fault === 'a cloned phone' ? 'c' : 'a')
    await sync().catch(() => {})
    if (phoneCopy && (await countWaiting()) === 0) await phoneCopy(fault === 'a cloned phone' ? 'c' : 'a')
  }
  for (let step = 0; step < 60; step += 1) {
    await on(['a', 'b', 'c'][Math.floor(random() * 3)] ?? 'a')
    const id = `d${Math.floor(random() * 3)}`
    const dice = random()
    if (dice < 0.4) {
      made.add(`${id} k${step}`)
      await addTo(id, `k${step}`)
    } else if (dice < 0.5) {
      const victim = names(await getDesign(id))[0]
      if (victim) {
        deleted.add(`${id} ${victim}`)
        await dropFrom(id, victim)
      }
    } else if (dice < 0.53) {
      restore = backup()
      await on('a')
      phoneCopy = await copyPhone()
    } else if (dice < 0.55) {
      if (fault.includes('phone')) await replacePhone()
      else restore()
    } else {
      await sync().catch(() => {})
    }
    if (late.length > 0 && maybe(0.1)) late.shift()?.()
  }
  server.before = () => {}
  server.after = () => {}
  for (let round = 0; round < 3; round += 1) {
    for (const phone of ['a', 'b', 'c']) {
      await on(phone)
      await sync()
    }
  }
  const truth = Object.fromEntries(
    Object.entries(server.documents()).map(([id, { components }]) => [id, components.map((one) => one.id)]),
  )
  for (const phone of ['a', 'b', 'c']) {
    await on(phone)
    expect(Object.fromEntries((await listDesigns()).map((row) => [row.id, names(row)]))).toEqual(
      Object.fromEntries(Object.entries(truth).map(([id, ids]) => [id, [...ids].sort()])),
    )
  }
  for (const one of made) {
    const [id = '', component = ''] = one.split(' ')
    if (!deleted.has(one)) expect(truth[id]).toContain(component)
  }
})
