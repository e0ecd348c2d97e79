/** Asks for another name of a design. */

import { type FormEvent, useRef, useState } from 'react'
import { NameField } from '../fields/NameField'
import { BottomSheet } from '../ui/BottomSheet'
import { renameDesign } from './library'
import './rename.css'

interface Props {
  id: string
  name: string
  onClose: () => void
}

export function RenameDialog({ id, name, onClose }: Props) {
  const [typed, setTyped] = useState(name)
  const field = useRef<HTMLInputElement>(null)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const wanted = typed.trim()
    if (wanted) void renameDesign(id, wanted)
    onClose()
  }
  return (
    <BottomSheet title="Rename" focus={field} onClose={onClose}>
      <form className="rename" onSubmit={submit}>
        <NameField value={typed} onType={setTyped} field={field} />
        <button type="submit" className="button" data-look="primary" disabled={typed.trim() === ''}>
          Save
        </button>
      </form>
    </BottomSheet>
  )
}
