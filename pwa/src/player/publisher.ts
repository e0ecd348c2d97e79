/** Sends what is shown, the newest state alone, and only after the page has shown what was sent before. */

export class Publisher<Part extends string> {
  private readonly changed = new Set<Part>()
  private waiting = false

  constructor(private readonly send: (parts: ReadonlySet<Part>) => void) {}

  /** A part changed; it is sent now, or once the page has shown what was sent last. */
  change(part: Part): void {
    this.changed.add(part)
    this.flush()
  }

  /** The page has shown what was sent last. */
  shown(): void {
    this.waiting = false
    this.flush()
  }

  private flush(): void {
    if (this.waiting || this.changed.size === 0) return
    this.waiting = true
    const parts = new Set(this.changed)
    this.changed.clear()
    this.send(parts)
  }
}
