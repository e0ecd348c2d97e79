// Writes src/generated/ from the Python package: wire types, block catalogue, templates. `--check` only tells whether they drifted.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compile } from 'json-schema-to-typescript'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '..', '..')
const target = join(here, '..', 'src', 'generated')
const python = process.env.PYTHON ?? join(root, '.venv', 'bin', 'python')
const banner = '// Generated from shared_py by `npm run generate`; edit the Python, not this.'

export async function generatedFiles() {
  const said = execFileSync(python, [join(here, 'generate.py')], { cwd: root, maxBuffer: 64 * 1024 * 1024 })
  const { wire, blocks, templates } = JSON.parse(said.toString('utf8'))
  const types = await compile(wire, 'Wire', {
    bannerComment: banner,
    unreachableDefinitions: true,
    unknownAny: true,
    style: { singleQuote: true, semi: false, printWidth: 130, trailingComma: 'all', arrowParens: 'always' },
  })
  const told = types.replace(
    / \*\n \* This interface was referenced by `Wire`'s JSON-Schema\n \* via the `definition` "\w+"\.\n/g,
    '',
  )
  const plain = told.replace(
    /\/\*\*\n \* This interface was referenced by `Wire`'s JSON-Schema\n \* via the `definition` "\w+"\.\n \*\/\n/g,
    '',
  )
  return {
    'wire.ts': plain,
    'blocks.json': `${JSON.stringify(blocks, null, 2)}\n`,
    'templates.json': `${JSON.stringify(templates, null, 2)}\n`,
  }
}

export async function driftedFiles() {
  const files = await generatedFiles()
  return Object.entries(files)
    .filter(([name, text]) => !existsSync(join(target, name)) || readFileSync(join(target, name), 'utf8') !== text)
    .map(([name]) => name)
}

async function main() {
  if (process.argv.includes('--check')) {
    const drifted = await driftedFiles()
    if (drifted.length > 0) throw new Error(`out of date in src/generated: ${drifted.join(', ')}; run \`npm run generate\``)
    return
  }
  for (const [name, text] of Object.entries(await generatedFiles())) writeFileSync(join(target, name), text)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
