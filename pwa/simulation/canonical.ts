/** Documents as texts that are equal exactly when the documents are; as `src/lib/canonical.ts`, which remembers nothing. */
import { isFrozen } from './clone'

const known = new WeakMap<object, string>()

/** JSON with sorted keys; that of a part that cannot change is written once. */
export function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const found = known.get(value)
  if (found !== undefined) return found
  const text = Array.isArray(value) ? `[${value.map(canonical).join()}]` : canonicalObject(value as Record<string, unknown>)
  if (isFrozen(value)) known.set(value, text)
  return text
}

function canonicalObject(value: Record<string, unknown>): string {
  const parts: string[] = []
  for (const key of Object.keys(value).sort()) {
    if (value[key] !== undefined) parts.push(`${JSON.stringify(key)}:${canonical(value[key])}`)
  }
  return `{${parts.join()}}`
}
