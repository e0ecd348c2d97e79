/** How long to wait between tries: longer after every failure, up to a limit, and not the same on every phone. */

interface Options {
  /** the wait after the first failure, in ms */
  firstMs: number
  /** the longest wait, in ms, before it is varied */
  maxMs: number
  /** a number from 0 up to 1; only tests need another */
  random?: () => number
}

/** Each wait is varied by up to this share of it: phones that lost the server together do not all come back in one instant. */
const JITTER = 0.25

/** Exponential backoff with jitter: counts failures in a row. It sets no timer, so that its user can also be woken early. */
export class Backoff {
  private failures = 0
  private readonly firstMs: number
  private readonly maxMs: number
  private readonly random: () => number

  constructor({ firstMs, maxMs, random = Math.random }: Options) {
    this.firstMs = firstMs
    this.maxMs = maxMs
    this.random = random
  }

  /** Count one more failure; returns how long to wait before the next try, in ms. */
  nextMs(): number {
    const waitMs = Math.min(this.firstMs * 2 ** this.failures, this.maxMs)
    this.failures += 1
    return waitMs * (1 - JITTER + 2 * JITTER * this.random())
  }

  /** Begin anew with the shortest wait, after a success or when the person asks. */
  reset(): void {
    this.failures = 0
  }
}
