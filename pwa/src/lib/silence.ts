/** Aborts a call when the server is silent for too long, or when the caller aborts. */

/** until the first byte of a file that may have to be written first, after those that others wait for */
const WRITING_MS = 900_000
/** between two parts of a file */
export const SILENCE_MS = 60_000

export class Silence {
  isOver = false
  readonly #controller = new AbortController()
  readonly #outer: AbortSignal | undefined
  readonly #abort = () => this.#controller.abort()
  #timer: ReturnType<typeof setTimeout>

  /** `firstMs`: the longest wait for the beginning of the response */
  constructor(outer?: AbortSignal, firstMs = WRITING_MS) {
    this.#outer = outer
    if (outer?.aborted) this.#abort()
    outer?.addEventListener('abort', this.#abort)
    this.#timer = this.#wait(firstMs)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Something arrived. */
  heard(): void {
    clearTimeout(this.#timer)
    this.#timer = this.#wait(SILENCE_MS)
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#outer?.removeEventListener('abort', this.#abort)
  }

  #wait(ms: number): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      this.isOver = true
      this.#abort()
    }, ms)
  }
}
