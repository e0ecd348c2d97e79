/** Short vibrations that confirm what a finger did, on phones that have them. */

/** Milliseconds of vibration, pause, vibration. */
const PATTERNS = {
  /** something found its place */
  snap: [8],
  /** an edge was connected */
  connect: [16],
  /** what was tried is not possible */
  refuse: [24, 48, 24],
} as const

/** Let the phone vibrate, unless the person wants few movements or has not touched the page, where browsers forbid it. */
export function vibrate(pattern: keyof typeof PATTERNS): void {
  if (typeof navigator === 'undefined' || !navigator.vibrate || navigator.userActivation?.hasBeenActive === false) return
  if (globalThis.matchMedia?.('(prefers-reduced-motion: reduce)').matches) return
  navigator.vibrate([...PATTERNS[pattern]])
}
