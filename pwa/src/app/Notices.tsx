/** Results of sync that need attention: a conflict, or a design that the server refuses. */

import { useStore } from 'zustand'
import { documentStore } from '../document/store'
import { noticeStore } from '../editor/session'
import type { Conflict } from '../generated/wire'
import { dismissConflicts } from '../storage/designs'
import { plural } from '../ui/numbers'

const SHOWN = 3

export function Notices() {
  const { conflicts, refused } = useStore(noticeStore)
  return (
    <>
      {refused && <p className="notice">The server refuses this design: {refused}</p>}
      {conflicts.length > 0 && <Conflicts conflicts={conflicts} />}
    </>
  )
}

function Conflicts({ conflicts }: { conflicts: Conflict[] }) {
  const dismiss = () => {
    const { design } = documentStore.getState()
    if (design) void dismissConflicts(design.id)
  }
  return (
    <section className="notice" aria-label="Changed in two places">
      <div>
        <p>Changed in two places: {plural(conflicts.length, 'value')}.</p>
        <ul>
          {conflicts.slice(0, SHOWN).map(({ path, kept, mine, theirs }) => (
            <li key={path}>
              <span className="mono">{path}</span>: kept {kept === 'mine' ? 'yours' : 'theirs'},{' '}
              {shortText(kept === 'mine' ? mine : theirs)}, not {shortText(kept === 'mine' ? theirs : mine)}
            </li>
          ))}
        </ul>
      </div>
      <button type="button" className="button" onClick={dismiss}>
        OK
      </button>
    </section>
  )
}

function shortText(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text === undefined || text === 'null' ? 'nothing' : text.length > 24 ? `${text.slice(0, 22)}…` : text
}
