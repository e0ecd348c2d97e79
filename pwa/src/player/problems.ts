/** Why the player cannot run, as one sentence for the person. */
import type { Problem, ProblemReason } from './types'

const TEXTS: Record<ProblemReason, string> = {
  'no-runtime':
    'The part of the app that runs networks is damaged or missing on this phone. “Try again” fetches it again, which needs a connection.',
  'no-simd': 'This browser cannot run networks: it has no WebAssembly SIMD. A newer version of it may have.',
  'out-of-memory': 'The phone has too little free memory for this network.',
  full: 'The storage of this phone is full. Remove networks that you no longer need.',
  damaged: 'The file of this network is damaged. It has to be fetched again.',
  python: 'The rules of the game could not be loaded: Python does not run on this phone.',
  unknown: 'The network could not be run.',
}

/** An error whose reason is known. */
export class PlayerError extends Error {
  override readonly name = 'PlayerError'
  readonly problem: Problem

  constructor(reason: ProblemReason, text = TEXTS[reason]) {
    super(text)
    this.problem = { reason, text }
  }
}

const MEMORY = /bad_alloc|out of memory|\bOOM\b|allocat|enlarge memory|memory access out of bounds/i
const FILE = /create a session|protobuf|invalid model|load model|ERROR_CODE: (2|7|10)\b/i
const RUNTIME =
  /no available backend|dynamically imported module|importing a module script|fetching of the wasm failed|SyntaxError|CompileError|LinkError/i

/** The problem behind an error of onnxruntime, of the rules or of the browser. */
export function problemOf(error: unknown): Problem {
  if (error instanceof PlayerError) return error.problem
  const name = error instanceof Error ? error.name : ''
  const text = error instanceof Error ? error.message : String(error)
  const reason = reasonOf(name, text, error)
  return { reason, text: reason === 'unknown' && text ? `${TEXTS.unknown} (${text.slice(0, 200)})` : TEXTS[reason] }
}

function reasonOf(name: string, text: string, error: unknown): ProblemReason {
  if (name === 'PythonUnavailable') return 'python'
  if (name === 'QuotaExceededError') return 'full'
  // an exception of C++ that onnxruntime lets through is the address of an object; only a failed allocation is left through
  if (typeof error === 'number' || MEMORY.test(text)) return 'out-of-memory'
  if (RUNTIME.test(text)) return 'no-runtime'
  return FILE.test(text) ? 'damaged' : 'unknown'
}

/** The problem with this reason, in the usual words. */
export const problem = (reason: ProblemReason): Problem => ({ reason, text: TEXTS[reason] })

/** A module with one function that makes a vector of i32x4; valid only where there is SIMD. */
const SIMD_MODULE = [
  [0, 97, 115, 109, 1, 0, 0, 0], // magic number and version
  [1, 5, 1, 96, 0, 1, 123], // a type: no parameter, one v128
  [3, 2, 1, 0], // a function of this type
  [10, 8, 1, 6, 0, 65, 0, 253, 17, 11], // its code: i32.const 0, i32x4.splat, end
]

/** Whether WebAssembly has SIMD, without which onnxruntime cannot start. */
export function hasSimd(): boolean {
  return typeof WebAssembly === 'object' && WebAssembly.validate(new Uint8Array(SIMD_MODULE.flat()))
}
