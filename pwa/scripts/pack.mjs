// Builds the Python pack into public/rt/: Pyodide's runtime, a trimmed compiled standard library, msgspec and shared_py.
// Runtime and packages lie in folders named by their own hashes, so a change of shared_py leaves the 10 MB runtime where it is.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadPyodide } from 'pyodide'
import { compressBeside } from './compress.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '..', '..')
const cache = join(root, 'build', 'pack')
const npm = join(root, 'node_modules', 'pyodide')
const published = join(here, '..', 'public', 'rt')
export const python = process.env.PYTHON ?? join(root, '.venv', 'bin', 'python')
const WHEELS = ['msgspec==0.22.0']
const PLATFORM = ['--python-version', '3.14', '--implementation', 'cp', '--platform', 'pyemscripten_2026_0_wasm32']

/** What the phone does not import: writers of documents, the merge (on the server), catalogue and templates (generated into the app). */
const LEFT_OUT = /^(reference|templates)(\/|$)|^(merge(_\w+)?|catalogue)\.py$/

/** The .py and .json files of shared_py that the phone needs, by their path inside site-packages. */
export function sharedSources() {
  const folder = join(root, 'shared_py')
  const names = readdirSync(folder, { recursive: true }).filter(
    (name) => /\.(py|json)$/.test(name) && !name.includes('__pycache__') && !LEFT_OUT.test(name.split(sep).join('/')),
  )
  return Object.fromEntries(
    names.sort().map((name) => [['shared_py', ...name.split(sep)].join('/'), new Uint8Array(readFileSync(join(folder, name)))]),
  )
}

/** Pyodide in Node with its stock library and our packing functions. */
export async function packingPython() {
  const py = await loadPyodide({ lockFileContents: emptyLock(), packageBaseUrl: `${npm}/` })
  py.runPython(readFileSync(join(here, 'pack.py'), 'utf8'))
  return py
}

/** A lock file that names no package: nothing is ever looked for elsewhere. */
export function emptyLock() {
  return JSON.stringify({ info: info(), packages: {} })
}

const info = () => JSON.parse(readFileSync(join(npm, 'pyodide-lock.json'), 'utf8')).info

function wheelFiles() {
  mkdirSync(cache, { recursive: true })
  return WHEELS.map((wheel) => {
    const [name, version] = wheel.split('==')
    const find = () => readdirSync(cache).find((file) => file.startsWith(`${name}-${version}-`) && file.endsWith('_wasm32.whl'))
    if (!find()) {
      const quiet = ['--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:']
      execFileSync(python, ['-m', 'pip', 'download', ...quiet, ...PLATFORM, wheel, '-d', cache], { stdio: 'inherit' })
    }
    return join(cache, find())
  })
}

function called(py, name, ...args) {
  const make = py.globals.get(name)
  const proxies = args.map((arg) => py.toPy(arg))
  const made = make(...proxies)
  const bytes = made.toJs()
  for (const proxy of [made, make, ...proxies]) proxy.destroy?.()
  return bytes
}

const hashOf = (...parts) => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex').slice(0, 16)
}

/** Write files into a folder named by their content; returns its name. Nothing is half written under that name. */
function place(target, files) {
  const name = hashOf(...Object.values(files))
  const folder = join(target, name)
  if (!existsSync(folder)) {
    const draft = join(target, `.draft-${name}`)
    rmSync(draft, { recursive: true, force: true })
    mkdirSync(draft, { recursive: true })
    for (const [file, content] of Object.entries(files)) writeFileSync(join(draft, file), content)
    renameSync(draft, folder)
  }
  return name
}

/** The size of a file, and where it was compressed the size as it is sent. */
function sizesOf(file) {
  const bytes = statSync(file).size
  return existsSync(`${file}.br`) ? { bytes, sent: statSync(`${file}.br`).size } : { bytes }
}

/** Build the pack into a folder, dropping older ones there; returns what the app has to know of it. */
export async function buildPack(target, { compressed }) {
  const wheels = wheelFiles().map((file) => new Uint8Array(readFileSync(file)))
  const sources = sharedSources()
  const recipe = [readFileSync(join(here, 'pack.py')), readFileSync(join(npm, 'package.json'))]
  const stdlibFile = join(cache, `stdlib-${hashOf(...recipe)}.zip`)
  const packagesFile = join(cache, `packages-${hashOf(...recipe, ...wheels, ...Object.entries(sources).flat())}.zip`)
  if (!existsSync(stdlibFile) || !existsSync(packagesFile)) {
    const py = await packingPython()
    writeFileSync(stdlibFile, called(py, 'pack_stdlib', new Uint8Array(readFileSync(join(npm, 'python_stdlib.zip')))))
    writeFileSync(packagesFile, called(py, 'pack_packages', wheels, sources))
  }
  const runtime = place(target, {
    'pyodide.asm.mjs': readFileSync(join(npm, 'pyodide.asm.mjs')),
    'pyodide.asm.wasm': readFileSync(join(npm, 'pyodide.asm.wasm')),
    'stdlib.zip': readFileSync(stdlibFile),
  })
  const packages = place(target, { 'packages.zip': readFileSync(packagesFile) })
  for (const stale of readdirSync(target))
    if (![runtime, packages].includes(stale)) rmSync(join(target, stale), { recursive: true })
  if (compressed) await compressBeside(target)
  const files = [`${runtime}/pyodide.asm.mjs`, `${runtime}/pyodide.asm.wasm`, `${runtime}/stdlib.zip`, `${packages}/packages.zip`]
  const pack = {
    runtime: `/rt/${runtime}/`,
    stdlib: `/rt/${runtime}/stdlib.zip`,
    packages: `/rt/${packages}/packages.zip`,
    lock: emptyLock(),
    sitePackages: `/lib/python${info().python.split('.').slice(0, 2).join('.')}/site-packages`,
    files: files.map((file) => ({ url: `/rt/${file}`, ...sizesOf(join(target, file)) })),
  }
  writeFileSync(join(target, 'pack.json'), `${JSON.stringify(pack, null, 2)}\n`)
  return pack
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildPack(published, { compressed: true })
