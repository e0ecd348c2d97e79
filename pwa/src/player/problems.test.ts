import { expect, test, vi } from 'vitest'
import { PythonUnavailable } from '../python/queue'
import { hasSimd, PlayerError, problemOf } from './problems'

const reasons: [unknown, string][] = [
  [new PlayerError('no-simd'), 'no-simd'],
  [new PythonUnavailable('no memory'), 'python'],
  [new DOMException('no space', 'QuotaExceededError'), 'full'],
  [new Error('std::bad_alloc'), 'out-of-memory'],
  [new RangeError('WebAssembly.Memory(): could not allocate memory'), 'out-of-memory'],
  [new RangeError('Array buffer allocation failed'), 'out-of-memory'],
  [new Error('Aborted(OOM). Build with -sASSERTIONS for more info.'), 'out-of-memory'],
  [12_345, 'out-of-memory'],
  [
    new Error("Can't create a session. ERROR_CODE: 7, ERROR_MESSAGE: Failed to load model because protobuf parsing failed."),
    'damaged',
  ],
  [new Error('no available backend found. ERR: [wasm] TypeError: Failed to fetch dynamically imported module'), 'no-runtime'],
  [new Error('no available backend found. ERR: [wasm] RangeError: could not allocate memory'), 'out-of-memory'],
  [
    new Error('no available backend found. ERR: [wasm] CompileError: WebAssembly.instantiate(): expected magic word'),
    'no-runtime',
  ],
  [new Error('Uncaught SyntaxError: Invalid or unexpected token'), 'no-runtime'],
  [new Error('something else'), 'unknown'],
]

test.each(reasons)('%s', (error, reason) => {
  const problem = problemOf(error)
  expect(problem.reason).toBe(reason)
  expect(problem.text).toMatch(/^[A-Z].*[.)]$/)
})

test('a damaged runtime is named as such, with what to do', () => {
  expect(problemOf(new Error('no available backend found')).text).toMatch(/damaged or missing.*fetches it again.*connection/)
})

test('an error that nobody foresaw keeps its words', () => {
  expect(problemOf(new Error('something else')).text).toContain('something else')
})

test('SIMD is there, and is missed where the browser has none', () => {
  expect(hasSimd()).toBe(true)
  const validate = vi.spyOn(WebAssembly, 'validate').mockReturnValue(false)
  expect(hasSimd()).toBe(false)
  validate.mockRestore()
})
