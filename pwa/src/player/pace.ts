/** When the next move is due, and how many were made in the last second. */
import { pause } from '../lib/pause'
import type { Speed } from './types'

const WINDOW_MS = 1000

export class Pace {
  private due = Number.NEGATIVE_INFINITY
  private hidden = false
  private readonly moves: number[] = []
  /** ends each wait that is in progress */
  private readonly wakes = new Set<() => void>()

  /** Resolves when the next move is due, or at once after `interrupt`. */
  async next(speed: Speed): Promise<void> {
    // a task of its own lets orders of the page in between
    await pause()
    const now = performance.now()
    this.due = speed === 'max' ? now : Math.max(now, this.due + 1000 / speed)
    if (this.due > now) await this.sleep(this.due - now)
    while (this.hidden) await this.sleep()
  }

  /** Let the next move come at once, and forget the speed of the moves before. */
  reset(): void {
    this.due = Number.NEGATIVE_INFINITY
    this.moves.length = 0
  }

  /** End the waits that are in progress. */
  interrupt(): void {
    for (const wake of [...this.wakes]) wake()
  }

  /** Wait without end while the page is hidden. */
  setHidden(hidden: boolean): void {
    this.hidden = hidden
    if (!hidden) {
      this.reset()
      this.interrupt()
    }
  }

  /** A number of moves were made. */
  made(count: number): void {
    const now = performance.now()
    for (let index = 0; index < count; index++) this.moves.push(now)
    const old = this.moves.findIndex((time) => time > now - WINDOW_MS)
    this.moves.splice(0, old < 0 ? this.moves.length - 1 : old)
  }

  /** Moves a second in the last second; 0 before the second move. */
  get movesPerSecond(): number {
    const first = this.moves[0]
    const last = this.moves.at(-1)
    return first === undefined || last === undefined || last === first ? 0 : ((this.moves.length - 1) * 1000) / (last - first)
  }

  private sleep(ms?: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer)
        this.wakes.delete(wake)
        resolve()
      }
      const timer = ms === undefined ? undefined : setTimeout(wake, ms)
      this.wakes.add(wake)
    })
  }
}
