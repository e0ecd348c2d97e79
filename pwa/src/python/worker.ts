/** The Python worker: loads Pyodide and shared_py, answers calls; it holds no state of the app. */
import type { Said } from './protocol'

const say = (said: Said): void => postMessage(said)

say({ type: 'failed', detail: 'no Python pack in this build' })
