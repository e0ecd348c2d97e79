/** Documents as texts that are equal exactly when the documents are; as `src/lib/canonical.ts`, which remembers nothing. */
import { notesOf } from './clone'

/** JSON with sorted keys; that of a part that cannot change is written once. */
export function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const notes = notesOf(value)
  if (notes?.text !== undefined) return notes.text
  const text = Array.isArray(value) ? `[${value.map(canonical).join()}]` : canonicalObject(value as Record<string, unknown>)
  if (notes) notes.text = text
  return text
}

function canonicalObject(value: Record<string, unknown>): string {
  const parts: string[] = []
  for (const key of Object.keys(value).sort()) {
    if (value[key] !== undefined) parts.push(`${JSON.stringify(key)}:${canonical(value[key])}`)
  }
  return `{${parts.join()}}`
}
