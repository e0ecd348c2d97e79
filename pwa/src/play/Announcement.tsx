/** Reads scores out politely: at most once in a while, and when a game is over. */

import { useSlowly } from './useSlowly'

const EVERY_MS = 10_000

/** `text` is read out from time to time, `now` at once. */
export function Announcement({ text, now = '' }: { text: string; now?: string }) {
  const slowly = useSlowly(text, EVERY_MS)
  return (
    <p className="sr-only" role="status" aria-label="Game">
      {now || slowly}
    </p>
  )
}
