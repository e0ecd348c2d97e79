import { createHash } from 'node:crypto'
import { afterEach, expect, test, vi } from 'vitest'
import { computeSha256, sha256, sha256InHeader } from './sha256'

const bytesOf = (length: number): Uint8Array<ArrayBuffer> => Uint8Array.from({ length }, (_, index) => (index * 37 + 11) % 256)
const expected = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

afterEach(() => vi.unstubAllGlobals())

test.each([0, 1, 55, 56, 63, 64, 65, 119, 120, 1000])(
  '%i bytes have the hash that Node computes, with and without the browser’s',
  async (length) => {
    const bytes = bytesOf(length)
    expect(Buffer.from(computeSha256(bytes)).toString('hex')).toBe(expected(bytes))
    expect(await sha256(bytes.buffer)).toBe(expected(bytes))
    vi.stubGlobal('crypto', {})
    expect(await sha256(bytes.buffer)).toBe(expected(bytes))
  },
)

test('the hash of a header is read in hexadecimal, whatever else the header names', () => {
  const hash = createHash('sha256').update('a network')
  const base64 = hash.copy().digest('base64')
  const hex = hash.digest('hex')
  expect(sha256InHeader(`sha-256=:${base64}:`)).toBe(hex)
  expect(sha256InHeader(`sha-512=:abcd:, sha-256=:${base64}:`)).toBe(hex)
  for (const other of [null, '', 'sha-256=:short:', `sha-256=${base64}`, `xsha-256=:${base64}:`])
    expect(sha256InHeader(other)).toBeNull()
})
