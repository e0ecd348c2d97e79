/** Detects a sync that makes no progress although the server answers. It does not know what is synced or how. */

/** How long the same thing may wait while the server answers. */
export const STUCK_AFTER_MS = 60_000
/** How often the server is asked whether it answers, while something waits. */
export const PROBE_MS = 20_000

/** As many answers in a row as show that the server was in reach for the whole time. */
const PROBES = STUCK_AFTER_MS / PROBE_MS

/** Told what waits; asks the server from time to time, and reports when something has waited too long in spite of its answers. */
export class Watchdog {
  private readonly since = new Map<string, number>()
  private timer: ReturnType<typeof setInterval> | undefined
  private answers = 0
  private stuck = false

  /** `probe` resolves with whether the server answers; it must not reject. `onChange` is called when the result changes. */
  constructor(
    private readonly probe: () => Promise<boolean>,
    private readonly onChange: (stuck: boolean) => void,
  ) {}

  /**
   * Note everything that waits now, by keys: something that makes progress gets another key. The clock is monotonic, since the
   * time of day may be set back.
   */
  observe(keys: readonly string[]): void {
    const waiting = new Set(keys)
    for (const key of this.since.keys()) if (!waiting.has(key)) this.since.delete(key)
    for (const key of waiting) if (!this.since.has(key)) this.since.set(key, performance.now())
    if (waiting.size === 0) this.rest()
    else {
      this.timer ??= setInterval(() => void this.check(), PROBE_MS)
      if (this.stuck && !this.waitedTooLong()) this.report(false)
    }
  }

  private async check(): Promise<void> {
    this.answers = (await this.probe()) ? this.answers + 1 : 0
    // what waited may have been sent while the server was asked
    if (this.timer !== undefined) this.report(this.answers >= PROBES && this.waitedTooLong())
  }

  private waitedTooLong(): boolean {
    return Math.min(...this.since.values()) <= performance.now() - STUCK_AFTER_MS
  }

  private rest(): void {
    clearInterval(this.timer)
    this.timer = undefined
    this.answers = 0
    this.report(false)
  }

  private report(stuck: boolean): void {
    if (stuck === this.stuck) return
    this.stuck = stuck
    this.onChange(stuck)
  }
}
