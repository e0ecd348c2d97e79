/** The changes made by paired devices, newest first. */

import { useCallback, useEffect, useState } from 'react'
import type { AuditEntry } from '../generated/wire'
import { sentenceFor } from '../lib/error_sentence'
import { listDesigns } from '../storage/designs'
import { momentOf } from '../ui/times'
import { linesOf } from './audit_lines'
import { readAudit } from './pairing'

const PAGE = 100

export function AuditLog() {
  const [entries, setEntries] = useState<readonly AuditEntry[]>()
  const [names, setNames] = useState<ReadonlyMap<string, string>>(new Map())
  const [trouble, setTrouble] = useState<string>()
  const [complete, setComplete] = useState(false)
  const readMore = useCallback(async (before?: number) => {
    try {
      const page = await readAudit(before)
      setEntries((known) => (before === undefined ? page : [...(known ?? []), ...page]))
      setComplete(page.length < PAGE)
    } catch (error) {
      setTrouble(sentenceFor(error, { unreachable: 'The changes are on the server, which cannot be reached.' }))
    }
  }, [])
  useEffect(() => {
    void readMore()
    listDesigns().then(
      (rows) => setNames(new Map(rows.map(({ id, work }) => [id, work.name]))),
      () => {},
    )
  }, [readMore])
  const oldest = entries?.at(-1)?.number
  return (
    <section aria-label="Changes">
      <h3 className="sheet-heading">Changes</h3>
      {trouble && <p className="quiet">{trouble}</p>}
      {entries?.length === 0 && <p className="quiet">Nothing was changed by a paired device.</p>}
      <ul className="audit">
        {linesOf(entries ?? [], names).map(({ number, at, device, words, count, requestId }) => (
          <li key={number} title={`Request ${requestId}`}>
            <b>
              {words} {count > 1 && <span>× {count}</span>}
            </b>
            <small>
              {momentOf(new Date(at))} · {device}
            </small>
          </li>
        ))}
      </ul>
      {!complete && oldest !== undefined && (
        <button type="button" className="button" onClick={() => void readMore(oldest)}>
          Earlier changes
        </button>
      )}
    </section>
  )
}
