import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { LIBRARIES } from './licences'

const root = join(import.meta.dirname, '..', '..', '..')
const read = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8'))

it('names every library that the app contains, with the licence that its package states', () => {
  const needed = [...Object.keys(read('package.json').dependencies), 'pyodide'].sort()
  const named = LIBRARIES.flatMap(({ npm }) => npm ?? []).sort()
  expect(named).toEqual(needed)
  const stated = LIBRARIES.flatMap(({ npm }) => (npm ? [[npm, read(`node_modules/${npm}/package.json`).license]] : []))
  expect(LIBRARIES.flatMap(({ npm, licence }) => (npm ? [[npm, licence]] : []))).toEqual(stated)
})
