import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { FakeCaches } from '../networks/test_networks'
import type { PackProgress } from './messages'
import { PackFiller } from './pack_filler'
import { playFilesOf } from './play_files'

const FILES = [
  { url: '/ort/2/x.mjs', bytes: 2 },
  { url: '/ort/2/x.wasm', bytes: 98 },
]
const OLD = 'play-pack/ort/1/x.wasm'

let fake: FakeCaches
let reports: PackProgress[]
let fetched: string[]
let alone: boolean
let answer: (url: string, init?: RequestInit) => Response | Promise<Response>
let filler: PackFiller

beforeEach(() => {
  fake = new FakeCaches()
  reports = []
  fetched = []
  alone = true
  answer = (url) => new Response(new Uint8Array(FILES.find((file) => file.url === url)?.bytes ?? 0))
  vi.stubGlobal('caches', fake)
  vi.stubGlobal('fetch', async (url: string, init?: RequestInit) => {
    fetched.push(url)
    return answer(url, init)
  })
  const report = async (progress: PackProgress) => void reports.push(progress)
  filler = new PackFiller({ files: FILES, cache: 'play-pack', report, isAlone: () => alone })
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

test('it reports every percent once, then that the pack is ready, and a second call joins the first', async () => {
  const [first, second] = await Promise.all([filler.fill(), filler.fill()])
  expect(first).toEqual({ state: 'ready', progress: 1 })
  expect(second).toBe(first)
  expect(fetched).toEqual(['/ort/2/x.mjs', '/ort/2/x.wasm'])
  const filling = reports.filter(({ state }) => state === 'filling').map(({ progress }) => progress)
  expect(filling[0]).toBe(0)
  expect(new Set(filling).size).toBe(filling.length)
  expect(reports.at(-1)).toBe(first)
})

test('a file that cannot be fetched interrupts it, and the next call continues there', async () => {
  const whole = answer
  answer = (url) => (url.endsWith('.wasm') ? new Response('busy', { status: 503 }) : whole(url))
  expect(await filler.fill()).toMatchObject({ state: 'failed', reason: 'interrupted', progress: 0.02 })
  expect(await filler.look()).toEqual({ missing: 1, any: true })
  answer = whole
  fetched = []
  expect(await filler.fill()).toMatchObject({ state: 'ready' })
  expect(fetched).toEqual(['/ort/2/x.wasm'])
  expect(await filler.look()).toEqual({ missing: 0, any: true })
})

test('it can be removed, after what is being fetched, and fetched again', async () => {
  const filling = filler.fill()
  await filler.remove()
  expect(await filling).toMatchObject({ state: 'ready' })
  expect(await filler.look()).toEqual({ missing: 2, any: false })
  expect(await filler.fill()).toMatchObject({ state: 'ready' })
})

test('a full phone is reported as such', async () => {
  fake.quota = 50
  expect(await filler.fill()).toMatchObject({ state: 'failed', reason: 'full' })
  expect(reports.at(-1)).toMatchObject({ state: 'failed', reason: 'full' })
})

test('files of an older build stay while another build may need them, and go afterwards', async () => {
  fake.files.set(OLD, new Uint8Array(1))
  expect(await filler.look()).toEqual({ missing: 2, any: true })
  alone = false
  await filler.fill()
  expect([...fake.files.keys()]).toContain(OLD)
  alone = true
  await filler.dropOthers()
  expect([...fake.files.keys()]).toEqual(['play-pack/ort/2/x.mjs', 'play-pack/ort/2/x.wasm'])
})

test('nothing is dropped for a pack that is not whole', async () => {
  fake.files.set(OLD, new Uint8Array(1))
  await filler.dropOthers()
  expect([...fake.files.keys()]).toEqual([OLD])
})

test('of the service worker’s list the files of Play are those with a size', () => {
  const manifest = [
    { url: 'index.html' },
    { url: 'assets/PlayScreen-1.js', play: 7 },
    { url: '/assets/player_worker-1.js', play: 8 },
  ]
  expect(playFilesOf(manifest)).toEqual([
    { url: '/assets/PlayScreen-1.js', bytes: 7 },
    { url: '/assets/player_worker-1.js', bytes: 8 },
  ])
})

test('a file that stalls interrupts it after a minute of silence, and the next call fetches it again', async () => {
  vi.useFakeTimers()
  const whole = answer
  answer = (_url, init) =>
    new Response(
      new ReadableStream({
        start(controller) {
          controller.enqueue(new Uint8Array(1))
          init?.signal?.addEventListener('abort', () => controller.error(new DOMException('aborted', 'AbortError')))
        },
      }),
    )
  const filling = filler.fill()
  await vi.advanceTimersByTimeAsync(61_000)
  expect(await filling).toMatchObject({ state: 'failed', reason: 'interrupted' })
  answer = whole
  expect(await filler.fill()).toMatchObject({ state: 'ready' })
})

test('a damaged pack is fetched again past the cache of the browser', async () => {
  await filler.fill()
  fake.files.set('play-pack/ort/2/x.wasm', new TextEncoder().encode('rotten'))
  fetched = []
  const modes: (string | undefined)[] = []
  const whole = answer
  answer = (url, init) => {
    modes.push(init?.cache)
    return whole(url)
  }
  expect(await filler.renew()).toEqual({ state: 'ready', progress: 1 })
  expect(fetched).toEqual(['/ort/2/x.mjs', '/ort/2/x.wasm'])
  expect(modes).toEqual(['reload', 'reload'])
  expect(fake.files.get('play-pack/ort/2/x.wasm')?.byteLength).toBe(98)
})

test('a pack that cannot be fetched again without a connection stays as it is; half of a file does not', async () => {
  await filler.fill()
  const whole = answer
  answer = () => Promise.reject(new TypeError('Failed to fetch'))
  expect(await filler.renew()).toMatchObject({ state: 'failed', reason: 'interrupted' })
  expect(await filler.look()).toEqual({ missing: 0, any: true })
  answer = (url) => (url.endsWith('.wasm') ? new Response(new Uint8Array(5)) : whole(url))
  expect(await filler.renew()).toMatchObject({ state: 'failed', reason: 'interrupted' })
  expect(await filler.look()).toEqual({ missing: 1, any: true })
})

test('a call to fill that comes right after one to renew joins it', async () => {
  await filler.fill()
  fetched = []
  const renewing = filler.renew()
  await Promise.resolve()
  expect(await filler.fill()).toBe(await renewing)
  expect(fetched).toEqual(['/ort/2/x.mjs', '/ort/2/x.wasm'])
})
