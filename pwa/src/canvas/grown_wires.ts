/** Which connections are new, so that they grow from their source when they are first drawn; one that only scrolls into view does not. */

/** How long after it was made a connection may begin to grow. */
const NEW_MS = 250
/** So many at once are a group that was pasted or a design of another phone: nothing that one connection would explain. */
const MOST = 6

const madeAt = new Map<string, number>()

const now = (): number => performance.now()

/** Note the connections, by id, that are new in the place shown. */
export function noteNewWires(before: readonly { id: string }[], after: readonly { id: string }[]): void {
  for (const id of madeAt.keys()) if (!isNewWire(id)) madeAt.delete(id)
  const known = new Set(before.map(({ id }) => id))
  const made = after.filter(({ id }) => !known.has(id))
  if (made.length <= MOST) for (const { id } of made) madeAt.set(id, now())
}

/** Whether a connection was made just now. */
export const isNewWire = (id: string): boolean => now() - (madeAt.get(id) ?? Number.NEGATIVE_INFINITY) < NEW_MS
