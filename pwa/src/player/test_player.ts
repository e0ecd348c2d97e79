/** For tests: a page's player and the worker's engine in one process, with onnxruntime, small networks and the rules. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as ort from 'onnxruntime-web/wasm'
import type { StoreApi } from 'zustand/vanilla'
import type { GameState } from '../generated/wire'
import type { OfferPort } from '../python/client'
import type { PlayerPort } from './connection'
import { Engine } from './engine'
import type { FromPlayer, ToPlayer } from './messages'
import { Player, type Surroundings } from './page_player'
import { python, type TestRules } from './test_rules'

ort.env.wasm.numThreads = 1
ort.env.logLevel = 'fatal'

export { ort }

const folder = join(import.meta.dirname, '..', '..', '..', 'tests', 'fixtures', 'play')

export type Outputs = Record<string, number[]>

/** What torch computes for some boards with all experts, and without the first expert of the first mixture. */
export interface Expected {
  boards: number[][]
  all: Outputs
  without: Outputs
}

export const expectedOf = (name: string): Expected => JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'))

const UNPACK = 'import lzma, sys; sys.stdout.buffer.write(lzma.open(sys.argv[1]).read())'
const unpacked = new Map<string, Uint8Array>()

/** A copy of the file of a network. */
export function networkFile(name: string, kind: 'plain' | 'inspect'): ArrayBuffer {
  const path = join(folder, `${name}.${kind}.onnx.xz`)
  const bytes = unpacked.get(path) ?? execFileSync(python, ['-c', UNPACK, path], { maxBuffer: 4 * 1024 * 1024 })
  unpacked.set(path, bytes)
  return new Uint8Array(bytes).buffer
}

/** A worker in this process: messages are cloned and arrive in a task of their own, as those of a real one. */
export class LocalWorker implements PlayerPort {
  onmessage: PlayerPort['onmessage'] = null
  onerror: PlayerPort['onerror'] = null
  ended = false
  /** what the worker sent */
  readonly sent: FromPlayer[] = []
  private readonly channel = new MessageChannel()

  constructor() {
    const { port1, port2 } = this.channel
    const engine = new Engine(ort, (message) => port2.postMessage(message))
    port2.onmessage = ({ data }: MessageEvent<ToPlayer>) => engine.receive(data)
    port1.onmessage = (event: MessageEvent<FromPlayer>) => {
      this.sent.push(event.data)
      this.onmessage?.(event)
    }
  }

  postMessage(message: ToPlayer, transfer: Transferable[]): void {
    this.channel.port1.postMessage(message, transfer as ArrayBuffer[])
  }

  terminate(): void {
    this.ended = true
    this.channel.port1.close()
    this.channel.port2.close()
  }

  /** End as after an error that nobody caught; without a text as after a script that could not be loaded. */
  die(text: string): void {
    this.onerror?.({ message: text } as ErrorEvent)
  }
}

export interface TestSurroundings extends Surroundings {
  workers: LocalWorker[]
  /** frames that wait to be drawn, while `holdFrames` is true */
  frames: (() => void)[]
  holdFrames: boolean
  follow: ((offer: OfferPort) => void) | undefined
  pythonFailed: ((detail: string) => void) | undefined
  pythonReady: (() => void) | undefined
}

/** A player of the networks in `tests/fixtures/play`, named as their files; others are not on the phone. */
export function testPlayer(rules: TestRules, files: Partial<Surroundings> = {}): { player: Player; around: TestSurroundings } {
  const around: TestSurroundings = {
    workers: [],
    frames: [],
    holdFrames: false,
    follow: undefined,
    pythonFailed: undefined,
    pythonReady: undefined,
    openWorker: () => {
      const worker = new LocalWorker()
      around.workers.push(worker)
      return worker
    },
    fileOf: async (id, kind) => networkFile(id, kind),
    whyMissing: () => undefined,
    valuesAfterstates: async () => false,
    valueUnit: async () => ({ gamma: 0.99, reward: 'points' }),
    followPython: (follow) => {
      around.follow = follow
      follow(rules.offer)
    },
    watchPython: (failed, ready) => {
      around.pythonFailed = failed
      around.pythonReady = ready
    },
    nextFrame: (draw) => {
      if (around.holdFrames) around.frames.push(draw)
      else queueMicrotask(draw)
    },
    randomSeed: () => 7,
    ...files,
  }
  return { player: new Player(around), around }
}

/** A state to think about, of no game. */
export const aState = (): GameState => ({
  seed: 0,
  board: [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  score: 0,
  n_moves: 0,
  n_tiles: 2,
  legal: [false, true, true, true],
})

/** Resolves with the state of a store once it fulfils a condition. */
export function until<T>(store: StoreApi<T>, condition: (state: T) => boolean): Promise<T> {
  return new Promise((resolve) => {
    const look = (state: T): boolean => {
      if (!condition(state)) return false
      resolve(state)
      return true
    }
    if (look(store.getState())) return
    const stop = store.subscribe((state) => {
      if (look(state)) stop()
    })
  })
}
