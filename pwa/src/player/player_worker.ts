/** The player worker: onnxruntime and the loops of games, away from the page's thread. */
import * as ort from 'onnxruntime-web/wasm'
import { Engine } from './engine'
import type { ToPlayer } from './messages'

ort.env.wasm.numThreads = 1
ort.env.wasm.wasmPaths = `/ort/${ort.env.versions.web}/`
ort.env.logLevel = 'error'

// compiles the runtime while the page reads the file of the network; an empty file is refused only once the runtime has started
ort.InferenceSession.create(new Uint8Array()).catch(() => {})

const engine = new Engine(ort, (message) => postMessage(message))
addEventListener('message', (event: MessageEvent<ToPlayer>) => engine.receive(event.data))
