/** The words for places and values that the phone writes by itself are those of `shared_py/difference.py`. */

import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { schemaVersion } from '../src/document/catalogue'
import { PlaceWords } from '../src/document/place_words'
import { templates } from '../src/document/templates'
import { python } from './pack.mjs'

const SCRIPT = `
import json, sys
from shared_py.decoding import decode_design
from shared_py.difference import Words
told = []
for document, cases in json.load(sys.stdin):
    words = Words(decode_design(document))
    told.append([[words.place(path), words.value(path, value)] for path, value in cases])
json.dump(told, sys.stdout)`

/** Every place that a difference of two versions names, with its value, and values that only one side has. */
function casesOf(design) {
  const cases = [
    ['/name', design.name],
    ['/components/c99/props/p', [1, true, null]],
  ]
  for (const [field, value] of Object.entries(design.meta)) cases.push([`/meta/${field}`, value])
  for (const component of design.components) {
    const path = `/components/${component.id}`
    for (const field of ['type', 'inside', 'name']) cases.push([`${path}/${field}`, component[field] ?? null])
    for (const [field, value] of Object.entries(component.props)) cases.push([`${path}/props/${field}`, value])
    cases.push([`${path}/props/bias`, false], [`${path}/inside`, component.id])
  }
  return cases
}

/** The same design, in which one block has a name of its own. */
function named(design) {
  const [first, second, ...others] = design.components
  return { ...design, schema_version: schemaVersion, components: [first, { ...second, name: 'Encoder' }, ...others] }
}

it('writes the words of Python for every place of the templates', () => {
  const asked = templates.map(named).map((design) => [design, casesOf(design)])
  const input = JSON.stringify(asked.map(([design, cases]) => [JSON.stringify(design), cases]))
  const told = JSON.parse(execFileSync(python, ['-c', SCRIPT], { cwd: join(import.meta.dirname, '..', '..'), input }))
  for (const [index, [design, cases]] of asked.entries()) {
    const words = new PlaceWords([design])
    expect(cases.map(([path, value]) => [words.place(path), words.value(path, value)])).toEqual(told[index])
  }
})
