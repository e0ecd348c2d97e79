import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { licencePage, shippedPackages } from './licences.mjs'

const root = join(import.meta.dirname, '..', '..')

it('has the text of every package that is shipped, also of those that others need', () => {
  const packages = shippedPackages()
  const names = packages.map(({ name }) => name)
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  expect(names).toEqual(expect.arrayContaining([...Object.keys(dependencies), 'pyodide', 'scheduler', 'd3-zoom']))
  expect(names).not.toContain('vite')
  const page = licencePage(packages)
  for (const { name, version } of packages) expect(page).toContain(`${name} ${version} (`)
  expect(page).toContain('Mozilla Public License Version 2.0')
  expect(page).toContain('PYTHON SOFTWARE FOUNDATION LICENSE')
  expect(page).toContain('Copyright (c) Meta Platforms')
})

it('refuses a package without a text', () => {
  expect(() => licencePage([{ path: 'node_modules/nothing', name: 'nothing', version: '1', licence: 'MIT' }])).toThrow(
    'no licence text of nothing',
  )
})
