import { expect, test, vi } from 'vitest'
import { ApiProblem } from '../api/problem'
import { saveWork } from '../storage/designs'
import { design } from '../sync/test_phones'
import {
  cancelKeeping,
  fileOf,
  keepNetwork,
  listExports,
  NetworkProblem,
  networksStore,
  readNetworks,
  removeNetwork,
  saysFull,
  sentenceForNetwork,
} from './networks'
import { bytesOf, exportServer, fakeCaches, startWithoutNetworks, textOf } from './test_networks'

startWithoutNetworks()

const PLAIN = '/networks/r1-100/plain.onnx'
const INSPECT = '/networks/r1-100/inspect.onnx'
const kept = () => networksStore.getState().networks.map(({ id }) => id)
const troubleOf = (id: string) => networksStore.getState().trouble[id]

/** Keep the best network of the newest run of the server. */
async function keepBest(options = {}) {
  const [run] = (await listExports('d1')).runs
  const checkpoint = run?.checkpoints[0]
  if (!run || !checkpoint) throw new Error('there is no run')
  const network = await keepNetwork('d1', run, checkpoint, options)
  await readNetworks()
  return network
}

const damage = (response: Response) => new Response(bytesOf('something else'), { headers: response.headers })
const cutShort = async (response: Response) => {
  const half = new Uint8Array(await response.arrayBuffer()).slice(0, 5)
  return new Response(half, { headers: response.headers })
}
const breakOff = (response: Response) => {
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new Uint8Array(3))
      controller.error(new TypeError('network error'))
    },
  })
  return new Response(body, { headers: response.headers })
}

test('a network is kept with both files, what is known of it, and the name of its design', async () => {
  await saveWork(design('d1', [], 'My network'))
  exportServer.addRun('r1', 100)
  const network = await keepBest()
  expect(network).toMatchObject({
    ...{ id: 'r1-100', runId: 'r1', designId: 'd1', designName: 'My network', designHash: 'h1', checkpoint: 'best' },
    ...{ steps: 100, algorithm: 'ppo', score: 5, parameters: 1234, trainSeconds: 60, automatic: false },
    ...{ bytes: 'plain network of r1 after 100'.length, largestDifference: 2e-7, checkedBoards: 1000 },
  })
  expect(network.evaluation?.median).toBe(4)
  expect(kept()).toEqual(['r1-100'])
  expect(textOf(await fileOf('r1-100', 'plain'))).toBe('plain network of r1 after 100')
  expect(textOf(await fileOf('r1-100', 'inspect'))).toBe('inspection of r1 after 100')
  expect(exportServer.fetched).toEqual(['best plain', 'best inspect'])
  expect(networksStore.getState()).toMatchObject({ fetching: {}, trouble: {}, isFull: false })
})

test('a network without anything to look into has one file', async () => {
  exportServer.addRun('r1', 100, { inspectable: false })
  expect(await keepBest()).toMatchObject({ inspectBytes: null, inspectSha256: null })
  expect(await fileOf('r1-100', 'inspect')).toBeNull()
  expect(fakeCaches.pathsIn('networks')).toEqual([PLAIN])
})

test('a network is fetched once, also by two calls at a time, and the newest is the first of the list', async () => {
  exportServer.addRun('r1', 100)
  await Promise.all([keepBest(), keepBest()])
  await keepBest()
  exportServer.addRun('r2', 50)
  await keepBest()
  expect(exportServer.fetched).toEqual(['best plain', 'best inspect', 'best plain', 'best inspect'])
  expect(kept()).toEqual(['r2-50', 'r1-100'])
})

test('progress counts the bytes of both files', async () => {
  exportServer.addRun('r1', 100)
  const seen: number[] = []
  const stop = networksStore.subscribe(({ fetching }) => {
    const { done, total } = fetching['r1-100'] ?? {}
    if (done !== undefined && total) seen.push(done / total)
  })
  await keepBest()
  stop()
  expect(seen[0]).toBe(0)
  expect(seen.at(-1)).toBe(1)
  expect([...seen].sort((a, b) => a - b)).toEqual(seen)
})

test.each([
  ['damaged', damage],
  ['cut short', cutShort],
  ['broken off', breakOff],
])('a file that arrives %s is fetched again; if it is so again nothing is kept', async (_, change) => {
  exportServer.addRun('r1', 100, { inspectable: false })
  exportServer.changes = [change]
  await keepBest()
  expect(exportServer.fetched).toEqual(['best plain', 'best plain'])
  expect(textOf(await fileOf('r1-100', 'plain'))).toBe('plain network of r1 after 100')
  await removeNetwork('r1-100')
  exportServer.changes = [change, change]
  await expect(keepBest()).rejects.toThrow()
  expect(fakeCaches.pathsIn('networks')).toEqual([])
  await readNetworks()
  expect(kept()).toEqual([])
  expect(troubleOf('r1-100')).toMatch(/damaged|broke off/)
})

test('without a hash in the response that of the list counts', async () => {
  exportServer.addRun('r1', 100, { inspectable: false })
  const withoutDigest = (response: Response) => {
    response.headers.delete('repr-digest')
    response.headers.delete('content-length')
    return damage(response)
  }
  exportServer.changes = [withoutDigest, withoutDigest]
  await expect(keepBest()).rejects.toThrow(NetworkProblem)
})

test('the wanted network is asked for by its moves where another has become the best meanwhile', async () => {
  const run = exportServer.addRun('r1', 100, { inspectable: false })
  const [checkpoint] = run.checkpoints
  exportServer.addRun('r1', 200, { inspectable: false })
  if (!checkpoint) throw new Error('there is no checkpoint')
  expect(await keepNetwork('d1', run, checkpoint)).toMatchObject({ id: 'r1-100', steps: 100 })
  expect(exportServer.fetched).toEqual(['best plain', '100 plain'])
  exportServer.files.delete('r1/100/plain')
  await removeNetwork('r1-100')
  await expect(keepNetwork('d1', run, checkpoint)).rejects.toThrow(ApiProblem)
})

test('a login page in the place of the file is no network', async () => {
  exportServer.addRun('r1', 100, { inspectable: false })
  exportServer.changes = [() => new Response('<html>', { headers: { 'content-type': 'text/html' } })]
  await expect(keepBest()).rejects.toMatchObject({ kind: 'portal' })
  expect(fakeCaches.pathsIn('networks')).toEqual([])
})

test('the plain network is kept where the other file cannot be had, and that is fetched with the next call', async () => {
  exportServer.addRun('r1', 100)
  exportServer.changes = [(response) => response, () => new TypeError('Failed to fetch')]
  expect(await keepBest()).toMatchObject({ inspectBytes: null })
  expect(troubleOf('r1-100')).toContain('The server cannot be reached')
  expect(await keepBest()).toMatchObject({ inspectBytes: 'inspection of r1 after 100'.length })
  expect(exportServer.fetched).toEqual(['best plain', 'best inspect', 'best inspect'])
  expect(troubleOf('r1-100')).toBeUndefined()
})

test('a server that found nothing to look into is no trouble', async () => {
  exportServer.addRun('r1', 100)
  exportServer.files.delete('r1/100/inspect')
  expect(await keepBest()).toMatchObject({ inspectBytes: null })
  expect(troubleOf('r1-100')).toBeUndefined()
})

test('a full phone keeps no half network, says so, and takes it once another was removed', async () => {
  exportServer.addRun('r1', 100, { inspectable: false })
  await keepBest()
  fakeCaches.quota = 30
  exportServer.addRun('r2', 100, { inspectable: false })
  await expect(keepBest()).rejects.toMatchObject({ kind: 'full' })
  expect(networksStore.getState().isFull).toBe(true)
  expect(troubleOf('r2-100')).toContain('Remove networks')
  expect(fakeCaches.pathsIn('networks')).toEqual([PLAIN])
  await removeNetwork('r1-100')
  expect(networksStore.getState().isFull).toBe(false)
  await keepBest()
  expect(kept()).toEqual(['r2-100'])
})

test('a network in the background that is larger than allowed is given up while it arrives', async () => {
  exportServer.addRun('r1', 100, { inspectable: false })
  await expect(keepBest({ background: true, maxBytes: 10 })).rejects.toMatchObject({ kind: 'too-large' })
  expect(fakeCaches.pathsIn('networks')).toEqual([])
  expect(troubleOf('r1-100')).toBeUndefined()
})

test('a person does not wait for a call in the background: theirs takes its place', async () => {
  exportServer.addRun('r1', 100, { inspectable: false })
  vi.stubGlobal('fetch', (url: string, init?: RequestInit) =>
    url.includes('background')
      ? new Promise((_, reject) => init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)))
      : exportServer.fetch(url, init),
  )
  const background = keepBest({ background: true })
  const ended = expect(background).rejects.toMatchObject({ name: 'AbortError' })
  await vi.waitFor(() => expect(networksStore.getState().fetching['r1-100']).toBeDefined())
  expect(await keepBest()).toMatchObject({ automatic: false })
  await ended
  expect(exportServer.fetched).toEqual(['best plain'])
  expect(networksStore.getState()).toMatchObject({ fetching: {}, trouble: {} })
})

test('a network fetched in the background belongs to the person who asks for it later', async () => {
  exportServer.addRun('r1', 100)
  expect(await keepBest({ background: true })).toMatchObject({ automatic: true })
  expect(exportServer.fetched).toEqual(['best plain background', 'best inspect background'])
  expect(await keepBest()).toMatchObject({ automatic: false })
  expect(exportServer.fetched).toHaveLength(2)
})

test('a file that was damaged on the phone is fetched again', async () => {
  exportServer.addRun('r1', 100)
  await keepBest()
  fakeCaches.files.set(`networks${PLAIN}`, bytesOf('rotten'))
  fakeCaches.files.delete(`networks${INSPECT}`)
  expect(textOf(await fileOf('r1-100', 'plain'))).toBe('plain network of r1 after 100')
  expect(textOf(await fileOf('r1-100', 'inspect'))).toBe('inspection of r1 after 100')
  expect(exportServer.fetched.slice(2)).toEqual(['best plain', 'best inspect'])
  expect(textOf(fakeCaches.files.get(`networks${PLAIN}`)?.buffer ?? null)).toBe('plain network of r1 after 100')
})

test('a damaged file is never handed out: offline it is refused, and the network stays listed', async () => {
  exportServer.addRun('r1', 100)
  await keepBest()
  fakeCaches.files.set(`networks${PLAIN}`, bytesOf('rotten'))
  exportServer.changes = [() => new TypeError('Failed to fetch')]
  expect(await fileOf('r1-100', 'plain')).toBeNull()
  expect(troubleOf('r1-100')).toContain('damaged. The server cannot be reached')
  await readNetworks()
  expect(kept()).toEqual(['r1-100'])
  expect(textOf(await fileOf('r1-100', 'plain'))).toBe('plain network of r1 after 100')
  expect(troubleOf('r1-100')).toBeUndefined()
})

test('a damaged network that the server no longer has either is forgotten', async () => {
  exportServer.addRun('r1', 100)
  await keepBest()
  fakeCaches.files.set(`networks${PLAIN}`, bytesOf('rotten'))
  exportServer.files.clear()
  expect(await fileOf('r1-100', 'plain')).toBeNull()
  expect(troubleOf('r1-100')).toContain('no longer has it')
  await readNetworks()
  expect(kept()).toEqual([])
})

test('a checkpoint that the server deleted stays on the phone', async () => {
  exportServer.addRun('r1', 100)
  await keepBest()
  exportServer.files.clear()
  exportServer.runs = []
  expect(textOf(await fileOf('r1-100', 'plain'))).toBe('plain network of r1 after 100')
})

test('a removed network is gone with its files, and comes back with Undo', async () => {
  exportServer.addRun('r1', 100)
  await keepBest()
  const undo = await removeNetwork('r1-100')
  await readNetworks()
  expect(kept()).toEqual([])
  expect(fakeCaches.pathsIn('networks')).toEqual([])
  await undo()
  await vi.waitFor(() => expect(kept()).toEqual(['r1-100']))
  expect(textOf(await fileOf('r1-100', 'inspect'))).toBe('inspection of r1 after 100')
  expect(exportServer.fetched).toHaveLength(2)
})

test('offline the list of the server is refused with a sentence', async () => {
  vi.stubGlobal('fetch', async () => Promise.reject(new TypeError('Failed to fetch')))
  const error = await listExports('d1').catch((refused: unknown) => refused)
  expect(sentenceForNetwork(error)).toContain('The server cannot be reached')
})

test('a phone without space for the file for looking inside keeps the plain network, and says that it is full', async () => {
  exportServer.addRun('r1', 100)
  fakeCaches.quota = 40
  expect(await keepBest()).toMatchObject({ inspectBytes: null })
  expect(fakeCaches.pathsIn('networks')).toEqual([PLAIN])
  expect(networksStore.getState().isFull).toBe(true)
  expect(saysFull(troubleOf('r1-100') ?? '')).toBe(true)
  fakeCaches.quota = 100
  await keepBest()
  expect(networksStore.getState()).toMatchObject({ isFull: false, trouble: {} })
})

/** Sends a few bytes, then nothing more, and the connection stays open. */
const stall =
  (signal: () => AbortSignal | null | undefined) =>
  (response: Response): Response => {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new Uint8Array(3))
        signal()?.addEventListener('abort', () => controller.error(new DOMException('aborted', 'AbortError')))
      },
    })
    return new Response(body, { headers: response.headers })
  }

/** Have the next download of the server stall. */
function stallNext(): void {
  let signal: AbortSignal | null | undefined
  exportServer.changes = [stall(() => signal)]
  vi.stubGlobal('fetch', (url: string, init?: RequestInit) => {
    signal = init?.signal
    return exportServer.fetch(url, init)
  })
}

const arrived = () => vi.waitUntil(() => networksStore.getState().fetching['r1-100']?.done === 3)

test('a download that stalls is given up after a minute of silence', async () => {
  exportServer.addRun('r1', 100, { inspectable: false })
  stallNext()
  const silences: (() => void)[] = []
  const wait = globalThis.setTimeout
  vi.stubGlobal('setTimeout', (run: () => void, ms?: number) => {
    if (ms === 60_000) silences.push(run)
    return wait(run, ms)
  })
  const refused = expect(keepBest()).rejects.toMatchObject({ kind: 'timeout' })
  await arrived()
  silences.at(-1)?.()
  await refused
  expect(troubleOf('r1-100')).toContain('did not answer in time')
  expect(networksStore.getState().fetching).toEqual({})
  vi.unstubAllGlobals()
})

test('a download can be cancelled, and begun again', async () => {
  exportServer.addRun('r1', 100, { inspectable: false })
  stallNext()
  const refused = expect(keepBest()).rejects.toMatchObject({ name: 'AbortError' })
  await arrived()
  cancelKeeping('r1-100')
  expect(networksStore.getState()).toMatchObject({ fetching: {}, trouble: {} })
  expect(await keepBest()).toMatchObject({ id: 'r1-100' })
  await refused
  expect(networksStore.getState()).toMatchObject({ fetching: {}, trouble: {} })
})

test.each([
  ['plain', PLAIN],
  ['inspect', INSPECT],
] as const)(
  'a damaged %s file that cannot be stored again on a full phone is not half kept, and the sentence says so',
  async (kind, path) => {
    exportServer.addRun('r1', 100)
    await keepBest()
    fakeCaches.files.set(`networks${path}`, bytesOf('rotten'))
    fakeCaches.quota = 35
    expect(await fileOf('r1-100', kind)).toBeNull()
    expect(troubleOf('r1-100')).toMatch(/is damaged\. This phone is too full/)
    expect(saysFull(troubleOf('r1-100') ?? '')).toBe(true)
    expect(networksStore.getState().isFull).toBe(true)
    expect(fakeCaches.pathsIn('networks')).not.toContain(path)
    fakeCaches.quota = 100
    expect(await fileOf('r1-100', kind)).not.toBeNull()
    expect(networksStore.getState()).toMatchObject({ isFull: false, trouble: {} })
  },
)
