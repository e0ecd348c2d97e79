/** Finds the built files that only Play needs: they belong to the Play pack and not to the first visit. */
import type { Plugin } from 'vite'

interface Chunk {
  type: 'chunk'
  fileName: string
  code: string
  isEntry: boolean
  imports: string[]
  dynamicImports: string[]
  viteMetadata?: { importedCss: Set<string> }
}

interface Asset {
  type: 'asset'
  fileName: string
  source: string | Uint8Array
}

/** What the bundler built, by file name; of its chunks and assets what is read here. */
export type Built = Record<string, Chunk | Asset>

/** The screen, the worker that plays, and the background fetch of networks, by the names that the bundler gives them. */
const PLAY = /^assets\/(PlayScreen|player_worker|background_fetch)-[\w-]+\.js$/

const textOf = (file: Chunk | Asset): string => {
  if (file.type === 'chunk') return file.code
  return typeof file.source === 'string' ? file.source : new TextDecoder().decode(file.source)
}

/** The files that a file loads or names: imports, styles, and the workers that it starts, which the bundler emits as assets. */
function neededBy(file: Chunk | Asset, built: Built): string[] {
  const text = textOf(file)
  const workers = Object.values(built)
    .filter(({ type, fileName }) => type === 'asset' && fileName.endsWith('.js') && fileName !== file.fileName)
    .map(({ fileName }) => fileName)
    .filter((fileName) => text.includes(fileName.split('/').at(-1) ?? fileName))
  if (file.type === 'asset') return workers
  return [...workers, ...file.imports, ...file.dynamicImports, ...(file.viteMetadata?.importedCss ?? [])]
}

function reachedFrom(starts: readonly string[], built: Built, mayEnter: (name: string) => boolean): Set<string> {
  const reached = new Set<string>()
  const open = [...starts]
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const file = built[name]
    if (!file || reached.has(name) || !mayEnter(name)) continue
    reached.add(name)
    if (name.endsWith('.js')) open.push(...neededBy(file, built))
  }
  return reached
}

/** The files of a build that are reached through Play alone, in the order of their names. */
export function filesOfPlay(built: Built): string[] {
  const entries = Object.values(built).filter((file) => file.type === 'chunk' && file.isEntry)
  const first = reachedFrom(
    entries.map(({ fileName }) => fileName),
    built,
    (name) => !PLAY.test(name),
  )
  const play = reachedFrom(
    Object.keys(built).filter((name) => PLAY.test(name)),
    built,
    () => true,
  )
  return [...play].filter((name) => !first.has(name)).sort()
}

interface ManifestEntry {
  url: string
  size: number
}

/**
 * A plugin that writes the files of Play into `play.json`, and the function that marks them in the service worker's list of
 * files: `play` is then their size in bytes.
 */
export function playFiles(): { plugin: Plugin; mark: <Entry extends ManifestEntry>(entries: Entry[]) => Entry[] } {
  let files: string[] = []
  return {
    plugin: {
      name: 'play-files',
      enforce: 'post',
      generateBundle(_options, bundle) {
        files = filesOfPlay(bundle as Built)
        this.emitFile({ type: 'asset', fileName: 'play.json', source: `${JSON.stringify({ files }, null, 2)}\n` })
      },
    },
    mark: (entries) => entries.map((entry) => (files.includes(entry.url) ? { ...entry, play: entry.size } : entry)),
  }
}
