/** Text that was typed into a field and is not part of the document yet; it is committed before the document is left. */

const fields = new Set<() => void>()

/** Register the commit of one field, to be called any number of times; returns how to unregister it. */
export function registerPending(commit: () => void): () => void {
  fields.add(commit)
  return () => {
    fields.delete(commit)
  }
}

/** Commit what is still being typed in any field. */
export function commitPending(): void {
  for (const commit of [...fields]) commit()
}
