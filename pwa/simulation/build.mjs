/**
 * Builds the two scripts of the simulation: the code of a phone, and the driver that starts phones again and again.
 *
 * Usage: node build.mjs OUT [PATCHES]; PATCHES is a JSON file of [{file, old, new}], texts to replace in sources of the phone.
 */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const here = dirname(fileURLToPath(import.meta.url))
const [out, patchFile] = process.argv.slice(2)
const patches = patchFile ? JSON.parse(readFileSync(patchFile, 'utf8')) : []
const applied = new Set()

const patching = {
  name: 'patching',
  enforce: 'pre',
  transform(code, id) {
    let changed = code
    for (const patch of patches) {
      if (!id.endsWith(patch.file)) continue
      if (changed.split(patch.old).length !== 2) throw new Error(`${patch.file} does not have this text once: ${patch.old}`)
      changed = changed.replace(patch.old, () => patch.new)
      applied.add(patch)
    }
    return changed
  },
}

const shared = { configFile: false, root: here, logLevel: 'warn', define: { __PACK__: 'undefined' } }
const output = { outDir: out, emptyOutDir: false, minify: false, target: 'es2022' }

const script = (entry, format, fileName, more) => {
  const lib = { entry: join(here, `${entry}.ts`), formats: [format], name: entry, fileName: () => fileName }
  return build({ ...shared, ...more, build: { ...output, lib, rolldownOptions: { external: [/^node:/] } } })
}

await script('phone_app', 'iife', 'phone_app.js', { plugins: [patching] })
if (patches.length > applied.size) throw new Error('a patch was not applied')
if (!patchFile) {
  await script('node', 'es', 'node.mjs')
  await script('page', 'iife', 'page.js')
}
