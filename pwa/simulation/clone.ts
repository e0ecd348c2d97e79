/**
 * A cheap `structuredClone` for plain data, which is all that phones store: the copy is frozen, and a copy of a copy is itself.
 *
 * What a phone reads from its database is then never copied again. Code that changed what it has read would fail loudly.
 */

const slow = globalThis.structuredClone
const frozen = new WeakSet<object>()

/** Whether a value can never change: one of these copies, or no object. */
export const isFrozen = (value: unknown): boolean => typeof value !== 'object' || value === null || frozen.has(value)

export function cloneJson<T>(value: T): T {
  if (typeof value !== 'object' || value === null || frozen.has(value)) return value
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) return slow(value)
  let copy: unknown
  if (Array.isArray(value)) copy = value.map(cloneJson)
  else {
    const parts: Record<string, unknown> = {}
    for (const key of Object.keys(value)) parts[key] = cloneJson((value as Record<string, unknown>)[key])
    copy = parts
  }
  frozen.add(Object.freeze(copy as object))
  return copy as T
}
