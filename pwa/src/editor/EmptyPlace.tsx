/** What an empty design, or an empty container, says: how to begin. */

import { useStore } from 'zustand'
import { documentStore } from '../document/store'
import { Icon } from '../ui/Icon'
import { openSheet } from './ui_state'

export function EmptyPlace() {
  const inside = useStore(documentStore, (state) => state.inside !== null)
  return (
    <div className="empty-place">
      <p>{inside ? 'Nothing inside yet: add a block.' : 'Nothing drawn yet: add a block.'}</p>
      <button type="button" className="button" onClick={() => openSheet({ name: 'blocks', after: null })}>
        <Icon name="add" /> Choose the first one
      </button>
    </div>
  )
}
