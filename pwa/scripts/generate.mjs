// Writes what comes from the Python package: src/generated/ (wire types, block types, catalogue, messages, settings of a run, export
// formats, metrics, templates, gallery) and
// the documents in docs/. `--check` only tells whether they drifted.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compile } from 'json-schema-to-typescript'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '..', '..')
const target = 'pwa/src/generated'
const python = process.env.PYTHON ?? join(root, '.venv', 'bin', 'python')
const banner = '// Generated from shared_py by `npm run generate`; edit the Python, not this.'
const TYPED_COMPONENT = `
/** What a component says its block is. */
export type BlockType = keyof PropsOfBlocks

/** A component with the properties of its block. */
export type BlockComponent = {
  [Type in BlockType]: Omit<Component, 'type' | 'props'> & { type: Type; props?: PropsOfBlocks[Type] }
}[BlockType]
`

/** What the generator adds to every type about the schema it came from. */
const referenceNote = (name) => new RegExp(` \\* This interface was referenced by \`${name}\`'s JSON-Schema\\n`, 'g')
const definitionNote = / \* via the `definition` "\w+"\.\n/g

async function typesOf(schema) {
  const types = await compile(schema, schema.title, {
    bannerComment: '',
    unreachableDefinitions: true,
    unknownAny: true,
    style: { singleQuote: true, semi: false, printWidth: 130, trailingComma: 'all', arrowParens: 'always' },
  })
  const plain = types.replace(referenceNote(schema.title), '').replace(definitionNote, '')
  const tidy = plain.replace(/ \*\n \*\/\n/g, ' */\n').replace(/\/\*\*\n \*\/\n/g, '')
  return tidy.replace(/export interface (\w+) \{\}/g, 'export type $1 = Record<string, never>').trimStart()
}

/** Every generated file, by its path in the repository. */
export async function generatedFiles() {
  const said = execFileSync(python, [join(here, 'generate.py')], {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const { wire, props, blocks, training, messages, formats, metrics, templates, gallery, documents } = JSON.parse(
    said.toString('utf8'),
  )
  const wireTypes = await typesOf(wire)
  const blockTypes = `import type { Component } from './wire'\n\n${await typesOf(props)}${TYPED_COMPONENT}`
  return {
    [`${target}/wire.ts`]: `${banner}\n\n${wireTypes}`,
    [`${target}/blocks.ts`]: `${banner}\n${blockTypes}`,
    [`${target}/blocks.json`]: `${JSON.stringify(withoutKeywords(blocks), null, 2)}\n`,
    [`${target}/keywords.json`]: `${JSON.stringify(keywordsOf(blocks), null, 2)}\n`,
    [`${target}/training.json`]: `${JSON.stringify(training, null, 2)}\n`,
    [`${target}/messages.json`]: `${JSON.stringify(messages, null, 2)}\n`,
    [`${target}/formats.json`]: `${JSON.stringify(formats, null, 2)}\n`,
    [`${target}/metrics.json`]: `${JSON.stringify(metrics, null, 2)}\n`,
    [`${target}/templates.json`]: `${JSON.stringify(templates, null, 2)}\n`,
    [`${target}/gallery.json`]: `${JSON.stringify(gallery, null, 2)}\n`,
    ...documents,
  }
}

/** The catalogue without the words of its search, which only the palette and the glossary need. */
const withoutKeywords = ({ blocks, ...rest }) => ({ ...rest, blocks: blocks.map(({ keywords: _, ...block }) => block) })

const keywordsOf = ({ blocks }) => Object.fromEntries(blocks.map(({ type, keywords = [] }) => [type, keywords]))

export async function driftedFiles() {
  const files = await generatedFiles()
  return Object.entries(files)
    .filter(([path, text]) => !existsSync(join(root, path)) || readFileSync(join(root, path), 'utf8') !== text)
    .map(([path]) => path)
}

async function main() {
  if (process.argv.includes('--check')) {
    const drifted = await driftedFiles()
    if (drifted.length > 0) throw new Error(`out of date: ${drifted.join(', ')}; run \`make generate\``)
    return
  }
  for (const [path, text] of Object.entries(await generatedFiles())) writeFileSync(join(root, path), text)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main().catch((error) => {
    console.error(error.message)
    process.exitCode = 1
  })
}
