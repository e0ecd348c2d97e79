// Builds the page with the app's own canvas into build/canvas_page.
import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

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
  plugins: [react()],
  define: { __PACK__: 'undefined', __PLAY_PACK__: 'undefined' },
  worker: { format: 'es', plugins: () => [withoutNode] },
  build: { outDir: at('../../build/canvas_page'), emptyOutDir: true, target: 'es2022', chunkSizeWarningLimit: 1000 },
})
