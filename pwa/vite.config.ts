import { existsSync, readFileSync } from 'node:fs'
import react from '@vitejs/plugin-react'
import { defaultClientConditions, type Plugin } from 'vite'
import { VitePWA } from 'vite-plugin-pwa'
import { defineConfig } from 'vitest/config'
import { chunkGroups, preloadChunks } from './scripts/chunks.ts'
import { playFiles } from './scripts/play_files.ts'

/** What a script of the build says of the files that it placed below `public/`. */
function described(file: string): string {
  const path = new URL(`./public/${file}`, import.meta.url)
  return existsSync(path) ? readFileSync(path, 'utf8') : 'undefined'
}

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

const play = playFiles()
const server = 'http://127.0.0.1:8000'

/** Pyodide also runs in Node; in a browser it never asks for Node's modules (nor `ws`), so the worker's build has an empty one for all. */
const withoutNode: Plugin = {
  name: 'without-node',
  enforce: 'pre',
  resolveId: (id) => (/^(node:|ws$)/.test(id) ? '\0without-node' : undefined),
  load: (id) => (id === '\0without-node' ? 'export default {}' : undefined),
}

export default defineConfig({
  plugins: [
    react(),
    play.plugin,
    preloadChunks(),
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'src',
      filename: 'sw.ts',
      injectRegister: false,
      registerType: 'prompt',
      manifest: false,
      injectManifest: {
        globPatterns: ['**/*.{js,css,html,png,svg,webmanifest,woff2}'],
        // the browser fetches icons and screenshots of the manifest itself, when it installs the app
        globIgnores: ['rt/**', 'ort/**', 'icons/*.png', 'screenshots/**'],
        manifestTransforms: [async (entries) => ({ manifest: play.mark(entries) })],
        dontCacheBustURLsMatching: /^assets\//,
        maximumFileSizeToCacheInBytes: 4 * 1024 * 1024,
      },
    }),
  ],
  define: {
    __PACK__: described('rt/pack.json'),
    __PLAY_PACK__: described('ort/pack.json'),
    __APP_VERSION__: JSON.stringify(version),
  },
  // onnxruntime-web then loads its runtime from /ort/, and the build emits no second copy of it
  resolve: { conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions] },
  cacheDir: '.vite',
  worker: { format: 'es', plugins: () => [withoutNode] },
  optimizeDeps: { exclude: ['pyodide'] },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    chunkSizeWarningLimit: 1000,
    rolldownOptions: { output: { codeSplitting: { groups: chunkGroups() } } },
  },
  server: { proxy: { '/api': server, '/schema': server, '/ws': { target: server, ws: true } } },
  test: {
    testTimeout: 30_000,
    maxWorkers: '100%', // the default leaves one core idle
    projects: [
      { extends: true, test: { name: 'logic', environment: 'node', include: ['{src,scripts}/**/*.test.{ts,mjs}'] } },
      { extends: true, test: { name: 'screen', environment: 'jsdom', include: ['src/**/*.test.tsx'] } },
    ],
  },
})
