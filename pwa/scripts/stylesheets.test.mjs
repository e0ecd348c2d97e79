// Parts of the app are loaded one by one: each has to import the stylesheets of what it shows.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'

const src = join(import.meta.dirname, '..', 'src')
const files = readdirSync(src, { recursive: true }).map((name) => join(src, name))
const text = new Map(files.filter((file) => /\.(tsx?|css)$/.test(file)).map((file) => [file, readFileSync(file, 'utf8')]))
const IMPORT = /^(?:import|export)\s(?!type\b)(?:[^'"();=]*?from\s*)?'(\.[^']+)'/gm
const DYNAMIC = /\bimport\('(\.[^']+)'\)/g

const found = (from, path) => ['', '.ts', '.tsx'].map((end) => join(dirname(from), path + end)).find((file) => text.has(file))
const named = (pattern, file) => [...text.get(file).matchAll(pattern)].flatMap(([, path]) => found(file, path) ?? [])

/** A file with all that it imports. */
function closure(root) {
  const reached = new Set([root])
  for (const file of reached) if (!file.endsWith('.css')) for (const other of named(IMPORT, file)) reached.add(other)
  return reached
}

const stylesheets = new Map()
for (const [file, css] of text) {
  if (!file.endsWith('.css')) continue
  for (const [, name] of css.replaceAll(/\/\*[\s\S]*?\*\//g, '').matchAll(/\.([a-z][\w-]*)/g))
    stylesheets.set(name, (stylesheets.get(name) ?? new Set()).add(file))
}

const CLASS_NAME = /className=(?:"([^"]*)"|\{`([^`]*)`\})/g
const classesOf = (file) => [...text.get(file).matchAll(CLASS_NAME)].flatMap(([, plain, built]) => (plain ?? built).split(/\s+/))

test('every part that is loaded by itself has the stylesheets of its classes', () => {
  const parts = [...text.keys()].filter((file) => !/\.(test\.tsx?|css)$/.test(file)).flatMap((file) => named(DYNAMIC, file))
  expect(parts.length).toBeGreaterThan(12)
  const app = closure(join(src, 'app', 'main.tsx'))
  const missing = [...new Set(parts)].flatMap((part) => {
    const reached = new Set([...closure(part), ...app])
    const bare = [...closure(part)]
      .filter((file) => file.endsWith('.tsx'))
      .flatMap((file) =>
        classesOf(file)
          .filter((name) => stylesheets.has(name) && ![...stylesheets.get(name)].some((css) => reached.has(css)))
          .map((name) => `${relative(src, file)}: ${name}`),
      )
    return bare.map((one) => `${relative(src, part)} without the stylesheet of ${one}`)
  })
  expect(missing).toEqual([])
})
