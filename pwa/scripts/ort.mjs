// Copies the two files of onnxruntime-web that Play loads into public/ort/<version>/, and says in pack.json how large they are.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compressBeside } from './compress.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const npm = join(here, '..', '..', 'node_modules', 'onnxruntime-web')
const published = join(here, '..', 'public', 'ort')
/** The build without WebGPU and WebNN: one thread of WebAssembly with SIMD is all that Play uses. */
const FILES = ['ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm']

/** The bytes that a browser downloads for a file: those of its brotli form where there is one. */
const sentBytes = (path) => statSync(existsSync(`${path}.br`) ? `${path}.br` : path).size

/** Place the runtime in a folder, dropping other versions there; returns what the app has to know of it. */
export async function placeRuntime(target, { compressed }) {
  const { version } = JSON.parse(readFileSync(join(npm, 'package.json'), 'utf8'))
  const folder = join(target, version)
  mkdirSync(folder, { recursive: true })
  for (const stale of readdirSync(target)) if (stale !== version) rmSync(join(target, stale), { recursive: true })
  for (const file of FILES) copyFileSync(join(npm, 'dist', file), join(folder, file))
  if (compressed) await compressBeside(folder)
  const files = FILES.map((file) => ({
    url: `/ort/${version}/${file}`,
    bytes: statSync(join(folder, file)).size,
    sent: sentBytes(join(folder, file)),
  }))
  writeFileSync(join(target, 'pack.json'), `${JSON.stringify({ version, files }, null, 2)}\n`)
  return { version, files }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await placeRuntime(published, { compressed: true })
