/** SHA-256 of files (FIPS 180-4). Browsers offer it over https and on the same machine only, so there is a slower one for http. */

/** The SHA-256 of bytes, in hexadecimal. */
export async function sha256(bytes: ArrayBuffer): Promise<string> {
  const { subtle } = globalThis.crypto ?? {}
  return hexOf(subtle ? new Uint8Array(await subtle.digest('SHA-256', bytes)) : computeSha256(new Uint8Array(bytes)))
}

const hexOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

/** The SHA-256 in a `Repr-Digest` or `Content-Digest` header (RFC 9530), in hexadecimal; null where it names none. */
export function sha256InHeader(header: string | null): string | null {
  const base64 = /(?:^|[\s,])sha-256=:([A-Za-z0-9+/]{43}=):/.exec(header ?? '')?.[1]
  return base64 ? hexOf(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))) : null
}

const primes = (count: number): number[] => {
  const found: number[] = []
  for (let candidate = 2; found.length < count; candidate += 1)
    if (found.every((prime) => candidate % prime !== 0)) found.push(candidate)
  return found
}

/** The first 32 bits of the fraction of a root of a prime, as the standard derives its constants. */
const fraction = (root: number): number => Math.floor((root % 1) * 2 ** 32) >>> 0

const ROUND = Uint32Array.from(primes(64), (prime) => fraction(Math.cbrt(prime)))
const START = Uint32Array.from(primes(8), (prime) => fraction(Math.sqrt(prime)))
const rotate = (word: number, by: number): number => (word >>> by) | (word << (32 - by))

/** The 32 bytes of the SHA-256, without the browser's own. */
export function computeSha256(bytes: Uint8Array): Uint8Array {
  const padded = new Uint8Array((((bytes.length + 8) >> 6) + 1) << 6)
  padded.set(bytes)
  padded[bytes.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setUint32(padded.length - 8, Math.floor(bytes.length / 2 ** 29))
  view.setUint32(padded.length - 4, (bytes.length << 3) >>> 0)
  const state = START.slice()
  const schedule = new Uint32Array(64)
  for (let at = 0; at < padded.length; at += 64) addBlock(state, schedule, view, at)
  const digest = new DataView(new ArrayBuffer(32))
  for (const [index, word] of state.entries()) digest.setUint32(4 * index, word)
  return new Uint8Array(digest.buffer)
}

function addBlock(state: Uint32Array, schedule: Uint32Array, view: DataView, at: number): void {
  for (let index = 0; index < 64; index += 1)
    schedule[index] = index < 16 ? view.getUint32(at + 4 * index) : extended(schedule, index)
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state
  for (let index = 0; index < 64; index += 1) {
    const choice = (e & f) ^ (~e & g)
    const sum = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
    const first = (h + sum + choice + (ROUND[index] ?? 0) + (schedule[index] ?? 0)) | 0
    const majority = (a & b) ^ (a & c) ^ (b & c)
    const second = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority) | 0
    ;[h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0]
  }
  for (const [index, word] of [a, b, c, d, e, f, g, h].entries()) state[index] = ((state[index] ?? 0) + word) | 0
}

function extended(schedule: Uint32Array, index: number): number {
  const [far = 0, near = 0] = [schedule[index - 15], schedule[index - 2]]
  const low = rotate(far, 7) ^ rotate(far, 18) ^ (far >>> 3)
  const high = rotate(near, 17) ^ rotate(near, 19) ^ (near >>> 10)
  return (low + high + (schedule[index - 16] ?? 0) + (schedule[index - 7] ?? 0)) | 0
}
