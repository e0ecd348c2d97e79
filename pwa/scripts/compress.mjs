// Puts a .br and a .gz beside every file worth it, so that the server only has to hand them out. Results are kept by content.
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { brotliCompress, gzip, constants as zlib } from 'node:zlib'

const here = dirname(fileURLToPath(import.meta.url))
const cache = join(here, '..', '..', 'build', 'compressed')
const WORTH_IT = /\.(m?js|css|html|json|svg|wasm|txt|zip|webmanifest)$/
const SMALLEST_BYTES = 1024

const kinds = {
  br: (content) =>
    promisify(brotliCompress)(content, {
      params: {
        [zlib.BROTLI_PARAM_QUALITY]: 11,
        [zlib.BROTLI_PARAM_LGWIN]: 24,
        [zlib.BROTLI_PARAM_SIZE_HINT]: content.length,
      },
    }),
  gz: (content) => promisify(gzip)(content, { level: 9 }),
}

async function compressOne(file, kind) {
  const beside = `${file}.${kind}`
  if (existsSync(beside)) return
  const content = readFileSync(file)
  const kept = join(cache, `${createHash('sha256').update(content).digest('hex')}.${kind}`)
  if (!existsSync(kept)) {
    mkdirSync(cache, { recursive: true })
    writeFileSync(`${kept}.draft`, await kinds[kind](content))
    renameSync(`${kept}.draft`, kept)
  }
  copyFileSync(kept, beside)
}

/** Compress everything under a folder that is large enough and not compressed by its own nature. */
export async function compressBeside(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile() && WORTH_IT.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
  const large = files.filter((file) => readFileSync(file).length >= SMALLEST_BYTES)
  await Promise.all(large.flatMap((file) => Object.keys(kinds).map((kind) => compressOne(file, kind))))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await compressBeside(process.argv[2] ?? join(here, '..', 'dist'))
