/** Results of sync that need attention: a conflict, or a design that the server refuses. */

import { useStore } from 'zustand'
import { documentStore } from '../document/store'
import { isKept, noticeStore } from '../editor/session'
import { dismissConflicts } from '../storage/conflicts'
import { plural } from '../ui/numbers'
import { ConflictNotice } from './LaterSheets'

export function Notices() {
  const { conflicts, refused } = useStore(noticeStore)
  const unkept = conflicts.filter((conflict) => !isKept(conflict)).length
  return (
    <>
      {refused && <p className="notice">The server refuses this design: {refused}</p>}
      <ConflictNotice />
      {unkept > 0 && <Unkept count={unkept} />}
    </>
  )
}

/** Conflicts that a server of an older version merged and did not store: they can only be shown. */
function Unkept({ count }: { count: number }) {
  const dismiss = () => {
    const { design } = documentStore.getState()
    if (design) void dismissConflicts(design.id)
  }
  return (
    <section className="notice" aria-label="Changed in two places">
      <p>{plural(count, 'value was', 'values were')} changed in two places. The values of this phone were kept where possible.</p>
      <button type="button" className="button" onClick={dismiss}>
        OK
      </button>
    </section>
  )
}
