/**
 * A cheap `structuredClone` for plain data, which is all that phones store: the copy is frozen, and a copy of a copy is itself.
 *
 * What a phone reads from its database is then never copied again. Code that changed what it has read would fail loudly.
 */

const slow = globalThis.structuredClone
const NOTES = Symbol('notes')

/** What was found out about something that cannot change. */
export interface Notes {
  /** as canonical JSON */
  text?: string
  /** of a component, by place */
  values?: Map<string, string>
}

/** The notes about one of these copies; undefined for anything else, which may change. */
export const notesOf = (value: object): Notes | undefined => (value as { [NOTES]?: Notes })[NOTES]

export function cloneJson<T>(value: T): T {
  if (typeof value !== 'object' || value === null || notesOf(value)) return value
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) return slow(value)
  const copy = (Array.isArray(value) ? value.map(cloneJson) : {}) as Record<string | symbol, unknown>
  if (!Array.isArray(value)) {
    for (const key of Object.keys(value)) copy[key] = cloneJson((value as Record<string, unknown>)[key])
  }
  // hidden from `{...copy}`, which may be changed
  Object.defineProperty(copy, NOTES, { value: {} })
  return Object.freeze(copy) as T
}
