import { expect, test } from 'vitest'
import { type Built, filesOfPlay } from './play_files'

const chunk = (fileName: string, more: Partial<Extract<Built[string], { type: 'chunk' }>> = {}): Built[string] => ({
  type: 'chunk',
  fileName,
  code: '',
  isEntry: false,
  imports: [],
  dynamicImports: [],
  ...more,
})
const asset = (fileName: string, source: string | Uint8Array = ''): Built[string] => ({ type: 'asset', fileName, source })
const built = (...files: Built[string][]): Built => Object.fromEntries(files.map((file) => [file.fileName, file]))

const PLAY = 'assets/PlayScreen-a1.js'
const WORKER = 'assets/player_worker-b2.js'

test('what only Play loads is Play’s: its screen, styles, worker and their own chunks', () => {
  const bundle = built(
    chunk('assets/index-0.js', {
      isEntry: true,
      imports: ['assets/shared-0.js'],
      dynamicImports: [PLAY, 'assets/sheets-0.js'],
      viteMetadata: { importedCss: new Set(['assets/index-0.css']) },
      code: 'new Worker("/assets/python-0.js")',
    }),
    chunk('assets/shared-0.js'),
    chunk('assets/sheets-0.js', { imports: ['assets/for-both-0.js'] }),
    chunk('assets/for-both-0.js'),
    chunk(PLAY, {
      imports: ['assets/shared-0.js', 'assets/for-both-0.js', 'assets/board-c3.js'],
      viteMetadata: { importedCss: new Set(['assets/PlayScreen-a1.css']) },
      code: 'new Worker(new URL("player_worker-b2.js", import.meta.url))',
    }),
    chunk('assets/board-c3.js'),
    asset(WORKER, new TextEncoder().encode('import("./ort-d4.js")')),
    asset('assets/ort-d4.js'),
    asset('assets/python-0.js'),
    asset('assets/index-0.css'),
    asset('assets/PlayScreen-a1.css'),
    asset('assets/unknown-0.js'),
  )
  expect(filesOfPlay(bundle)).toEqual(['assets/PlayScreen-a1.css', PLAY, 'assets/board-c3.js', 'assets/ort-d4.js', WORKER])
})

test('the worker that plays stays out of the first visit where the shell can start it, too', () => {
  const bundle = built(
    chunk('assets/index-0.js', { isEntry: true, code: 'new Worker("/assets/player_worker-b2.js")' }),
    asset(WORKER),
  )
  expect(filesOfPlay(bundle)).toEqual([WORKER])
})

test('a build without Play has no such files', () => {
  expect(filesOfPlay(built(chunk('assets/index-0.js', { isEntry: true })))).toEqual([])
})
