import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Pack } from '../python/pack'
import { dropOtherPacks, fillPack, missingFiles } from './pack_cache'

class FakeCache {
  held = new Map<string, Uint8Array>()
  async match(url: string): Promise<Response | undefined> {
    const body = this.held.get(url)
    return body && new Response(body as Uint8Array<ArrayBuffer>)
  }
  async put(url: string, response: Response): Promise<void> {
    this.held.set(url, new Uint8Array(await response.arrayBuffer()))
  }
  async keys(): Promise<{ url: string }[]> {
    return [...this.held.keys()].map((path) => ({ url: `http://phone${path}` }))
  }
  async delete({ url }: { url: string }): Promise<boolean> {
    return this.held.delete(new URL(url).pathname)
  }
}

const file = (name: string, bytes: number) => ({ url: `/rt/${name}`, bytes })
const pack = { packages: '/rt/new/p.zip', files: [file('a/x.wasm', 4), file('a/y.zip', 3), file('b/p.zip', 2)] } as Pack

let fake: FakeCache
let cache: Cache
let fetched: string[]
let broken: Set<string>

beforeEach(() => {
  fake = new FakeCache()
  cache = fake as unknown as Cache
  fetched = []
  broken = new Set()
  vi.stubGlobal('fetch', async (url: string) => {
    fetched.push(url)
    const wanted = pack.files.find((one) => one.url === url)
    if (broken.has(url)) return new Response('busy', { status: 503 })
    return new Response(new Uint8Array(wanted?.bytes ?? 0), { headers: { 'content-type': 'x/y', 'content-encoding': 'br' } })
  })
})
afterEach(() => vi.unstubAllGlobals())

test('it fills file by file and reports its progress', async () => {
  const progress: number[] = []
  await fillPack(pack, cache, (done, total) => progress.push(done / total))
  expect(await missingFiles(pack, cache)).toEqual([])
  expect(progress[0]).toBe(0)
  expect(progress.at(-1)).toBe(1)
  expect([...progress].sort((a, b) => a - b)).toEqual(progress)
})

test('a second fill fetches only what is missing', async () => {
  broken.add('/rt/a/y.zip')
  await expect(fillPack(pack, cache, () => {})).rejects.toThrow('503')
  expect([...fake.held.keys()]).toEqual(['/rt/a/x.wasm'])
  broken.clear()
  fetched = []
  await fillPack(pack, cache, () => {})
  expect(fetched).toEqual(['/rt/a/y.zip', '/rt/b/p.zip'])
})

test('half a file is not a file', async () => {
  vi.stubGlobal('fetch', async () => new Response(new Uint8Array(1)))
  await expect(fillPack(pack, cache, () => {})).rejects.toThrow()
  expect(fake.held.size).toBe(0)
})

test('files of another pack go, shared ones stay', async () => {
  fake.held.set('/rt/old/p.zip', new Uint8Array(1))
  await fillPack(pack, cache, () => {})
  await dropOtherPacks(pack, cache)
  expect([...fake.held.keys()].sort()).toEqual(pack.files.map((one) => one.url).sort())
})
