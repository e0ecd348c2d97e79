/**
 * The files of networks in the cache `networks`. Over plain http browsers have no such caches: networks then last as long as
 * the page.
 */

export type FileKind = 'plain' | 'inspect'

const CACHE = 'networks'
const memory = new Map<string, ArrayBuffer>()

const pathOf = (id: string, kind: FileKind): string => `/networks/${encodeURIComponent(id)}/${kind}.onnx`
const hasCaches = (): boolean => typeof caches !== 'undefined'

/** The bytes of a file as they are stored, unchecked; null where there are none. */
export async function readFile(id: string, kind: FileKind): Promise<ArrayBuffer | null> {
  const path = pathOf(id, kind)
  if (!hasCaches()) return memory.get(path) ?? null
  const cache = await caches.open(CACHE)
  return (await (await cache.match(path))?.arrayBuffer()) ?? null
}

/** Store a file; rejects with the `QuotaExceededError` of the browser where the phone is full. */
export async function writeFile(id: string, kind: FileKind, bytes: ArrayBuffer): Promise<void> {
  const path = pathOf(id, kind)
  if (!hasCaches()) return void memory.set(path, bytes)
  const cache = await caches.open(CACHE)
  await cache.put(path, new Response(bytes, { headers: { 'content-type': 'application/octet-stream' } }))
}

export async function removeFile(id: string, kind: FileKind): Promise<void> {
  const path = pathOf(id, kind)
  if (!hasCaches()) return void memory.delete(path)
  await (await caches.open(CACHE)).delete(path)
}

/** Remove files without a row, which stay when the page is closed before the row is stored. */
export async function removeOrphans(ids: ReadonlySet<string>): Promise<void> {
  if (!hasCaches()) return
  const cache = await caches.open(CACHE)
  for (const request of await cache.keys()) {
    const id = /\/networks\/([^/]+)\//.exec(request.url)?.[1]
    if (id === undefined || !ids.has(decodeURIComponent(id))) await cache.delete(request)
  }
}

/** Whether networks stay when the page is closed. */
export const areFilesLasting = hasCaches

/** Run `use` while no other tab of the app writes or removes files of networks. */
export function alone<T>(use: () => Promise<T>): Promise<T> {
  const { locks } = globalThis.navigator ?? {}
  return locks ? (locks.request('networks', use) as Promise<T>) : use()
}
