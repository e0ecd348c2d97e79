/** Explains why designs that the person removed are in the list again. */

import { useStore } from 'zustand'
import '../platform/hint.css'
import { acceptReturn, libraryStore } from './library'

export function ReturnedNotice() {
  const returned = useStore(libraryStore, (state) => state.returned)
  return returned.map(({ id, work }) => (
    <section key={id} className="hint" aria-label="Design is back">
      <p>
        {`“${work.name}”`} is back: another device changed or restored it after you removed it here. Remove it again if nobody
        needs it.
      </p>
      <button type="button" className="button" onClick={() => acceptReturn(id)}>
        OK
      </button>
    </section>
  ))
}
