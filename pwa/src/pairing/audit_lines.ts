/** The lines of the audit log: consecutive changes of the same kind and subject are one line. */

import type { AuditEntry } from '../generated/wire'
import { upperFirst } from '../ui/words'

export interface AuditLine {
  /** of the newest change of the line */
  number: number
  at: string
  device: string
  words: string
  count: number
  /** of the newest change, as in the log of the server */
  requestId: string
}

/** `entries` are sorted newest first; `names` are the names of designs by id. */
export function linesOf(entries: readonly AuditEntry[], names: ReadonlyMap<string, string>): AuditLine[] {
  const lines: AuditLine[] = []
  let last: AuditEntry | undefined
  for (const entry of entries) {
    const line = lines.at(-1)
    if (line && last && isSame(last, entry)) line.count += 1
    else
      lines.push({
        number: entry.number,
        at: entry.at,
        device: entry.device_name,
        words: wordsOf(entry, names),
        count: 1,
        requestId: entry.request_id,
      })
    last = entry
  }
  return lines
}

const isSame = (one: AuditEntry, other: AuditEntry): boolean =>
  one.device_id === other.device_id && one.what === other.what && one.subject === other.subject

function wordsOf({ what, subject }: AuditEntry, names: ReadonlyMap<string, string>): string {
  const name = names.get(subject) ?? (what.startsWith('design') ? subject : undefined)
  return name ? `${upperFirst(what)}: ${name}` : upperFirst(what)
}
