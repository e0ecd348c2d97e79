/** Assigns modules to chunks: few large files load faster than many small ones, and compress better. */
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vite'

/** The module graph of the bundler. */
export interface Graph {
  getModuleInfo: (id: string) => { importedIds: readonly string[] } | null
}

/** The entry modules of the chunks; each chunk has all that its module imports. */
export interface Roots {
  /** runs before the app and shows why it cannot start; imports nothing of the app */
  start: string
  /** starts Python, storage and sync while the app is loaded */
  boot: string
  app: string
  /** the two screens that can be shown first */
  studio: string
  designs: string
}

const source = (path: string) => fileURLToPath(new URL(`../src/${path}`, import.meta.url))

const ROOTS: Roots = {
  start: source('start/start.ts'),
  boot: source('app/boot.ts'),
  app: source('app/main.tsx'),
  studio: source('app/Studio.tsx'),
  designs: source('designs/DesignsScreen.tsx'),
}

function importedBy(root: string, graph: Graph): Set<string> {
  const found = new Set<string>()
  const open = [root]
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (found.has(id)) continue
    found.add(id)
    open.push(...(graph.getModuleInfo(id)?.importedIds ?? []))
  }
  return found
}

/** The chunk of each module that is loaded before the first screen can be used; what both screens need is part of the app. */
export function chunksOf(graph: Graph, roots: Roots = ROOTS): Map<string, string> {
  const studio = importedBy(roots.studio, graph)
  const designs = importedBy(roots.designs, graph)
  const both = [...studio].filter((id) => designs.has(id))
  const chunks = new Map<string, string>()
  const claim = (name: string, ids: Iterable<string>) => {
    for (const id of ids) if (!chunks.has(id)) chunks.set(id, name)
  }
  claim('start', importedBy(roots.start, graph))
  // without the boot module itself: it awaits the app, and in one chunk the two would wait for each other
  claim(
    'boot',
    [...importedBy(roots.boot, graph)].filter((id) => id !== roots.boot),
  )
  claim('app', importedBy(roots.app, graph))
  claim('app', both)
  claim('studio', studio)
  claim('designs', designs)
  return chunks
}

/** The chunk groups for the bundler, by priority. */
export function chunkGroups() {
  let chunks: Map<string, string> | undefined
  return ['start', 'boot', 'app', 'studio', 'designs'].map((name, index, all) => ({
    debugName: name,
    priority: all.length - index,
    name: (id: string, graph: Graph) => {
      chunks ??= chunksOf(graph)
      return chunks.get(id) === name ? name : null
    },
  }))
}

/** Names of the files that every start needs; without preload links they would be loaded one after the other. */
const NEEDED = /^assets\/(rolldown-runtime|boot|app|main)-[\w-]+\.(js|css)$/

/** Adds preload links for these files to the page. */
export const preloadChunks = (): Plugin => ({
  name: 'preload-chunks',
  transformIndexHtml: {
    order: 'post',
    handler: (_html, { bundle }) =>
      Object.keys(bundle ?? {})
        .filter((name) => NEEDED.test(name))
        .map((name) => ({
          tag: 'link',
          attrs: name.endsWith('.js')
            ? { rel: 'modulepreload', crossorigin: true, href: `/${name}` }
            : { rel: 'preload', as: 'style', crossorigin: true, href: `/${name}` },
          injectTo: 'head',
        })),
  },
})
