import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { placeRuntime } from './ort.mjs'

let folder
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ort-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('the two files of the runtime lie in a folder of their version, and no other version stays', async () => {
  mkdirSync(join(folder, '1.0.0'))
  writeFileSync(join(folder, '1.0.0', 'old.wasm'), 'old')
  const { version, files } = await placeRuntime(folder, { compressed: false })
  expect(version).toMatch(/^\d+\.\d+\.\d+$/)
  expect(files.map(({ url }) => url)).toEqual([
    `/ort/${version}/ort-wasm-simd-threaded.mjs`,
    `/ort/${version}/ort-wasm-simd-threaded.wasm`,
  ])
  for (const { url, bytes } of files) expect(readFileSync(join(folder, url.replace('/ort/', '')))).toHaveLength(bytes)
  expect(existsSync(join(folder, '1.0.0'))).toBe(false)
  expect(JSON.parse(readFileSync(join(folder, 'pack.json'), 'utf8'))).toEqual({ version, files })
})
