/** Tracks new connections, which are animated when they are first drawn; those that scroll into view are not. */

/** How long after its creation the animation of a connection may start. */
const NEW_MS = 250
/** More at once come from a pasted group or another phone, and are not animated. */
const MAX_ANIMATED = 6

const madeAt = new Map<string, number>()

const now = (): number => performance.now()

/** Record the connections that are in `after` and not in `before`. */
export function noteNewWires(before: readonly { id: string }[], after: readonly { id: string }[]): void {
  for (const id of madeAt.keys()) if (!isNewWire(id)) madeAt.delete(id)
  const known = new Set(before.map(({ id }) => id))
  const made = after.filter(({ id }) => !known.has(id))
  if (made.length <= MAX_ANIMATED) for (const { id } of made) madeAt.set(id, now())
}

/** Whether a connection was created within `NEW_MS`. */
export const isNewWire = (id: string): boolean => now() - (madeAt.get(id) ?? Number.NEGATIVE_INFINITY) < NEW_MS
