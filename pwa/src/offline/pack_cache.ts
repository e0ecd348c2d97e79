/** Packs of files, each in a cache of its own, filled file by file with what is missing: the Python pack and the Play pack. */
import { SILENCE_MS, Silence } from '../lib/silence'
import type { PackFile } from '../python/pack'

export const PACK_CACHE = 'python-pack'
/** The Play pack: the ONNX runtime, and the app's files that only Play needs. */
export const PLAY_CACHE = 'play-pack'

interface Pack {
  files: readonly PackFile[]
}

/** Called with how many bytes of the pack are on the phone. */
export type OnProgress = (doneBytes: number, totalBytes: number) => void

/** The size of a pack on the phone, in bytes. */
export const packBytes = (pack: Pack): number => pack.files.reduce((sum, file) => sum + file.bytes, 0)

/** The files of a pack that are not in the cache. */
export async function missingFiles(pack: Pack, cache: Cache): Promise<PackFile[]> {
  const cached = await Promise.all(pack.files.map((file) => cache.match(file.url)))
  return pack.files.filter((_, index) => !cached[index])
}

/** Fetch what is missing, one file after the other; throws at the first that fails, and the files before it stay. */
export async function fillPack(pack: Pack, cache: Cache, onProgress: OnProgress): Promise<void> {
  const total = packBytes(pack)
  const missing = await missingFiles(pack, cache)
  let done = total - missing.reduce((sum, file) => sum + file.bytes, 0)
  onProgress(done, total)
  for (const file of missing) {
    await fetchFile(file, cache, (bytes) => onProgress(done + bytes, total))
    done += file.bytes
    onProgress(done, total)
  }
}

/**
 * Fetch every file again, past the cache of the browser, since one is damaged. The old file goes when its successor begins to
 * arrive: without a connection nothing is lost.
 */
export async function renewPack(pack: Pack, cache: Cache, onProgress: OnProgress): Promise<void> {
  const total = packBytes(pack)
  let done = 0
  onProgress(done, total)
  for (const file of pack.files) {
    await fetchFile(file, cache, (bytes) => onProgress(done + bytes, total), true)
    done += file.bytes
    onProgress(done, total)
  }
}

/** Remove the files of other packs; call it once this pack is complete and no page runs an older build. */
export async function dropOtherPacks(pack: Pack, cache: Cache): Promise<void> {
  const wanted = new Set(pack.files.map((file) => file.url))
  for (const request of await cache.keys()) {
    if (!wanted.has(new URL(request.url, 'http://phone').pathname)) await cache.delete(request)
  }
}

/** Fetch a file into the cache; given up where nothing arrives for a minute. */
async function fetchFile(file: PackFile, cache: Cache, onBytes: (bytes: number) => void, renews = false): Promise<void> {
  const silence = new Silence(undefined, SILENCE_MS)
  try {
    await fetchUnlessSilent(file, cache, onBytes, silence, renews)
  } finally {
    silence.end()
  }
}

async function fetchUnlessSilent(
  file: PackFile,
  cache: Cache,
  onBytes: (bytes: number) => void,
  silence: Silence,
  renews: boolean,
): Promise<void> {
  const response = await fetch(file.url, { signal: silence.signal, ...(renews && { cache: 'reload' }) })
  if (!response.ok || !response.body) throw new Error(`${response.status} for ${file.url}`)
  if (renews) await cache.delete(file.url)
  let bytes = 0
  const counted = response.body.pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(chunk, controller) {
        silence.heard()
        bytes += chunk.byteLength
        onBytes(Math.min(bytes, file.bytes))
        controller.enqueue(chunk)
      },
      flush(controller) {
        if (bytes !== file.bytes) controller.error(new Error(`${bytes} of ${file.bytes} bytes of ${file.url}`))
      },
    }),
  )
  await cache.put(file.url, new Response(counted, { headers: decodedHeaders(response) }))
}

/** The headers without those of the coding: the body is stored decoded, and its length is another. */
function decodedHeaders(response: Response): Headers {
  const headers = new Headers(response.headers)
  headers.delete('content-encoding')
  headers.delete('content-length')
  return headers
}
