import { expect, test } from 'vitest'
import { chunksOf, type Graph } from './chunks'

const IMPORTS: Record<string, string[]> = {
  start: ['failure'],
  boot: ['sync'],
  main: ['app', 'failure'],
  app: ['react'],
  studio: ['react', 'canvas', 'icon'],
  designs: ['icon', 'menu', 'sync'],
  sheet: ['icon', 'form'],
}
const graph: Graph = { getModuleInfo: (id) => ({ importedIds: IMPORTS[id] ?? [] }) }

test('each module before the first screen is in one chunk: that of the start, of boot, of the app, or of the one screen that needs it', () => {
  const chunks = chunksOf(graph, { start: 'start', boot: 'boot', app: 'main', studio: 'studio', designs: 'designs' })
  expect(Object.fromEntries(chunks)).toEqual({
    ...{ start: 'start', failure: 'start' },
    ...{ sync: 'boot' },
    ...{ main: 'app', app: 'app', react: 'app', icon: 'app' },
    ...{ studio: 'studio', canvas: 'studio' },
    ...{ designs: 'designs', menu: 'designs' },
  })
})
