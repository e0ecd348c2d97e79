/** Keeps the Python pack in a cache of its own, filled file by file and only with what is missing; it knows no service worker. */
import type { Pack, PackFile } from '../python/pack'

export const PACK_CACHE = 'python-pack'

/** Tells how many bytes of the pack are on the phone. */
export type Progress = (doneBytes: number, totalBytes: number) => void

const packBytes = (pack: Pack): number => pack.files.reduce((sum, file) => sum + file.bytes, 0)

/** The files of a pack that are not in the cache. */
export async function missingFiles(pack: Pack, cache: Cache): Promise<PackFile[]> {
  const held = await Promise.all(pack.files.map((file) => cache.match(file.url)))
  return pack.files.filter((_, index) => !held[index])
}

/** Fetch what is missing, one file after the other; throws at the first that fails and keeps those before it. */
export async function fillPack(pack: Pack, cache: Cache, tell: Progress): Promise<void> {
  const total = packBytes(pack)
  const missing = await missingFiles(pack, cache)
  let done = total - missing.reduce((sum, file) => sum + file.bytes, 0)
  tell(done, total)
  for (const file of missing) {
    await fetchFile(file, cache, (bytes) => tell(done + bytes, total))
    done += file.bytes
    tell(done, total)
  }
}

/** Remove the files of other packs; to be called once this pack is whole and nobody runs an older one. */
export async function dropOtherPacks(pack: Pack, cache: Cache): Promise<void> {
  const wanted = new Set(pack.files.map((file) => file.url))
  for (const request of await cache.keys()) {
    if (!wanted.has(new URL(request.url, 'http://phone').pathname)) await cache.delete(request)
  }
}

async function fetchFile(file: PackFile, cache: Cache, tell: (bytes: number) => void): Promise<void> {
  const answer = await fetch(file.url)
  if (!answer.ok || !answer.body) throw new Error(`${answer.status} for ${file.url}`)
  let bytes = 0
  const counted = answer.body.pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(chunk, controller) {
        bytes += chunk.byteLength
        tell(Math.min(bytes, file.bytes))
        controller.enqueue(chunk)
      },
      flush(controller) {
        if (bytes !== file.bytes) controller.error(new Error(`${bytes} of ${file.bytes} bytes of ${file.url}`))
      },
    }),
  )
  await cache.put(file.url, new Response(counted, { headers: plainHeaders(answer) }))
}

/** The body is stored decoded, so the headers that speak of its coding and coded length go. */
function plainHeaders(answer: Response): Headers {
  const headers = new Headers(answer.headers)
  headers.delete('content-encoding')
  headers.delete('content-length')
  return headers
}
