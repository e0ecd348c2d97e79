/** Sends what is shown, the newest state alone, and only after the page has what was sent before. */

export class Publisher<Part extends string> {
  private readonly changed = new Set<Part>()
  private waiting = false
  private sentAt = Number.NEGATIVE_INFINITY
  /** when the changed parts are sent */
  private due = Number.POSITIVE_INFINITY
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly send: (parts: ReadonlySet<Part>) => void) {}

  /** A part changed; it is sent at least `intervalMs` after the last message, and once the page has that. */
  change(part: Part, intervalMs = 0): void {
    this.changed.add(part)
    this.due = Math.min(this.due, this.sentAt + intervalMs)
    this.flush()
  }

  /** The page has what was sent last. */
  applied(): void {
    this.waiting = false
    this.flush()
  }

  private flush(): void {
    clearTimeout(this.timer)
    if (this.waiting || this.changed.size === 0) return
    const now = performance.now()
    if (now < this.due) {
      this.timer = setTimeout(() => this.flush(), this.due - now)
      return
    }
    this.waiting = true
    this.sentAt = now
    this.due = Number.POSITIVE_INFINITY
    const parts = new Set(this.changed)
    this.changed.clear()
    this.send(parts)
  }
}
