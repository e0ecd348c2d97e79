/** Asks for another name of a design. */

import { type FormEvent, useState } from 'react'
import { BottomSheet } from '../sheet/BottomSheet'
import { LONGEST_NAME } from '../sheet/DesignSheet'
import { renameDesign } from './library'

interface Props {
  id: string
  name: string
  onClose: () => void
}

export function RenameDialog({ id, name, onClose }: Props) {
  const [typed, setTyped] = useState(name)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const wanted = typed.trim()
    if (wanted) void renameDesign(id, wanted)
    onClose()
  }
  return (
    <BottomSheet title="Rename" onClose={onClose}>
      <form className="rename" onSubmit={submit}>
        <label className="name-field">
          <span>Name</span>
          <input
            type="text"
            maxLength={LONGEST_NAME}
            autoComplete="off"
            enterKeyHint="done"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        </label>
        <button type="submit" className="button" data-look="primary" disabled={typed.trim() === ''}>
          Save
        </button>
      </form>
    </BottomSheet>
  )
}
