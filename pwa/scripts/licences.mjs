// Writes dist/licences.txt, shown under About: the licence texts of everything that the built app contains.
// Texts of packages that include none are in pwa/licences/, named after the package.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const TEXT = /^(licen[cs]e|copying)(\.\w+)?$/i
/** Types are needed only while the app is built. */
const NOT_SHIPPED = /^(@types\/|undici-types$)/

/** Name, version and licence of each package that is shipped: what the app needs, and Pyodide, which is copied into it. */
export function shippedPackages(folder = root) {
  const { packages } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'))
  const needed = Object.entries(packages)
    .filter(([path, { dev, devOptional }]) => path !== '' && ((!dev && !devOptional) || path === 'node_modules/pyodide'))
    .map(([path, { version, license }]) => ({ path, name: path.split('node_modules/').at(-1), version, licence: license }))
    .filter(({ name }) => !NOT_SHIPPED.test(name))
  return needed.sort((a, b) => (a.name < b.name ? -1 : 1))
}

function textOf({ path, name }, folder) {
  const own = existsSync(join(folder, path)) ? readdirSync(join(folder, path)).find((file) => TEXT.test(file)) : undefined
  const file = own ? join(folder, path, own) : join(folder, 'pwa', 'licences', `${name.replace('/', '__')}.txt`)
  if (!existsSync(file)) throw new Error(`no licence text of ${name}: add ${file}`)
  return readFileSync(file, 'utf8').trim()
}

/** The page with all texts; throws for a package that has none. */
export function licencePage(packages = shippedPackages(), folder = root) {
  const own = readFileSync(join(folder, 'LICENSE'), 'utf8').trim()
  const extra = ['msgspec', 'python'].map((name) => [
    name,
    readFileSync(join(folder, 'pwa', 'licences', `${name}.txt`), 'utf8').trim(),
  ])
  const parts = [
    ['Model Studio', own],
    ...extra,
    ...packages.map((one) => [`${one.name} ${one.version} (${one.licence})`, textOf(one, folder)]),
  ]
  return parts.map(([title, text]) => `${title}\n${'-'.repeat(title.length)}\n\n${text}\n`).join('\n\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(join(root, 'pwa', 'dist', 'licences.txt'), licencePage())
}
