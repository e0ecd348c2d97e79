import { afterEach, expect, test } from 'vitest'
import type { NetworkFile } from './messages'
import { Network } from './network'
import { problemOf } from './problems'
import { type Expected, expectedOf, networkFile, ort } from './test_player'
import type { Outputs } from './thought'

const TOLERANCE = 1e-4
const opened: Network[] = []

async function open(name: string, kind: 'plain' | 'inspect', bytes = networkFile(name, kind)): Promise<Network> {
  const file: NetworkFile = {
    id: name,
    bytes,
    inspected: kind === 'inspect',
    valuesAfterstates: name === 'afterstates',
    valueUnit: null,
  }
  const network = await Network.open(ort, file)
  opened.push(network)
  return network
}

afterEach(async () => {
  for (const network of opened.splice(0)) await network.release()
})

/** The largest difference to what torch computed; of routing and attention only the first board is known. */
function difference(outputs: Outputs, expected: Expected['all']): number {
  const differences = Object.entries(expected).flatMap(([name, values]) =>
    values.map((value, index) => Math.abs(value - (outputs[name]?.data[index] as number))),
  )
  return Math.max(...differences)
}

test.each(['direct', 'afterstates'])('%s: all outputs are those of torch, also with an expert switched off', async (name) => {
  const { boards, all, without } = expectedOf(name)
  const network = await open(name, 'inspect')
  const outputs = await network.run(boards)
  expect(Object.keys(outputs).sort()).toEqual(Object.keys(all).sort())
  expect(difference(outputs, all)).toBeLessThan(TOLERANCE)
  const [router] = network.info.routers
  network.setExperts(router?.path ?? '', [false, true, true])
  const changed = await network.run(boards)
  expect(difference(changed, without)).toBeLessThan(TOLERANCE)
  expect(difference(changed, all)).toBeGreaterThan(0.01)
})

test.each(['direct', 'afterstates'])('%s: the plain file gives the same moves and values', async (name) => {
  const { boards, all } = expectedOf(name)
  const { logits = [], value = [] } = all
  const network = await open(name, 'plain')
  expect(difference(await network.run(boards, true), { logits, value })).toBeLessThan(TOLERANCE)
  expect(network.info).toEqual({
    id: name,
    routers: [],
    attentions: [],
    valuesAfterstates: name === 'afterstates',
    inspected: false,
    searches: false,
  })
})

test('what a network has is read from its outputs', async () => {
  const direct = await open('direct', 'inspect')
  expect(direct.info.routers).toEqual([
    { path: 'c3.0.c5', experts: 3 },
    { path: 'c3.1.c5', experts: 3 },
  ])
  expect(direct.info.attentions).toEqual([
    { path: 'c3.0.c4', heads: 2 },
    { path: 'c3.1.c4', heads: 2 },
  ])
  expect(direct.info).toMatchObject({ valuesAfterstates: false, inspected: true })
  const afterstates = await open('afterstates', 'inspect')
  expect(afterstates.info).toMatchObject({ valuesAfterstates: true, inspected: true })
  expect(afterstates.latencyMs).toBeGreaterThan(0)
})

test('experts of a layer cannot all be switched off, nor those of a layer that is not there', async () => {
  const network = await open('direct', 'inspect')
  expect(network.expertsOff).toBe(false)
  expect(() => network.setExperts('c3.0.c5', [false, false, false])).toThrow('At least one expert has to stay on')
  expect(() => network.setExperts('c3.0.c5', [true])).toThrow('no such experts')
  expect(() => network.setExperts('c9', [true, true, true])).toThrow('no such experts')
  expect(network.expertsOff).toBe(false)
  network.setExperts('c3.0.c5', [false, true, false])
  expect(network.expertsOff).toBe(true)
})

test('a file that is cut short, or is no network, is damaged', async () => {
  const whole = networkFile('direct', 'plain')
  for (const bytes of [whole.slice(0, whole.byteLength / 2), new TextEncoder().encode('no network').buffer as ArrayBuffer]) {
    const error = await open('direct', 'plain', bytes).catch((error: unknown) => error)
    expect(problemOf(error).reason).toBe('damaged')
  }
})

test('batches that are asked for at the same time run one after the other', async () => {
  const { boards, all } = expectedOf('direct')
  const network = await open('direct', 'inspect')
  const single = boards.map((board) => network.run([board], true))
  const values = (await Promise.all(single)).map((outputs) => outputs.value?.data[0] ?? 0)
  values.forEach((value, index) => {
    expect(value).toBeCloseTo(all.value?.[index] ?? Number.NaN, 4)
  })
})
