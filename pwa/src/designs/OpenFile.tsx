/** The button that opens designs from files. */

import { type ChangeEvent, useState } from 'react'
import { closeSheet } from '../editor/ui_state'
import { Icon } from '../ui/Icon'
import { showToast } from '../ui/toasts'
import { openFiles, sentenceForOpened } from './open_files'
import './open-file.css'

export function OpenFile() {
  const [busy, setBusy] = useState(false)
  const open = async ({ currentTarget: field }: ChangeEvent<HTMLInputElement>) => {
    const files = [...(field.files ?? [])]
    // so that the same file can be chosen again
    field.value = ''
    if (files.length === 0) return
    setBusy(true)
    const result = await openFiles(files)
    setBusy(false)
    if (result.opened + result.same > 0) closeSheet()
    showToast(sentenceForOpened(result), { tone: result.refused.length > 0 ? 'bad' : 'plain' })
  }
  return (
    <label className="button open-file" aria-busy={busy}>
      {busy ? <span className="spinner" aria-hidden="true" /> : <Icon name="enter" />} Open a file
      <input
        type="file"
        className="sr-only"
        accept=".json,application/json"
        multiple
        disabled={busy}
        onChange={(event) => void open(event)}
      />
    </label>
  )
}
