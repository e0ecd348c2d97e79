// Builds the page with the app's own player and Python worker into build/player_page.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defaultClientConditions, defineConfig } from 'vite'

const at = (path) => fileURLToPath(new URL(path, import.meta.url))

/** As in the app's build: Pyodide never asks for Node's modules in a browser. */
const withoutNode = {
  name: 'without-node',
  enforce: 'pre',
  resolveId: (id) => (/^(node:|ws$)/.test(id) ? '\0without-node' : undefined),
  load: (id) => (id === '\0without-node' ? 'export default {}' : undefined),
}

export default defineConfig({
  root: at('.'),
  define: { __PACK__: readFileSync(at('../../pwa/public/rt/pack.json'), 'utf8'), __PLAY_PACK__: 'undefined' },
  resolve: { conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions] },
  worker: { format: 'es', plugins: () => [withoutNode] },
  build: { outDir: at('../../build/player_page'), emptyOutDir: true, target: 'es2022', chunkSizeWarningLimit: 1000 },
})
