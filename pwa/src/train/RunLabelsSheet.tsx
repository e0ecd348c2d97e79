/** Name, note and tags of a run. */

import { type FormEvent, useState } from 'react'
import type { Run } from '../generated/wire'
import { tagsOf, writeLabels } from '../runs/run_labels'
import { lineOf } from '../runs/run_line'
import { BottomSheet } from '../ui/BottomSheet'
import { showToast } from '../ui/toasts'
import './run-labels.css'

const MAX_NAME = 60
const MAX_NOTE = 2000

export function RunLabelsSheet({ run, onClose }: { run: Run; onClose: () => void }) {
  const [name, setName] = useState(run.name ?? '')
  const [note, setNote] = useState(run.note ?? '')
  const [tags, setTags] = useState((run.tags ?? []).join(', '))
  const save = async (event: FormEvent) => {
    event.preventDefault()
    onClose()
    const isSent = await writeLabels(run.id, { name: name.trim(), note: note.trim(), tags: tagsOf(tags) })
    if (!isSent) showToast('Saved on this phone. The server gets it when it can be reached.')
  }
  return (
    <BottomSheet title="Name this run" note={lineOf(run)} onClose={onClose}>
      <form className="run-labels" onSubmit={(event) => void save(event)}>
        <label>
          Name
          <input value={name} maxLength={MAX_NAME} onChange={(event) => setName(event.target.value)} />
        </label>
        <label>
          Note
          <textarea value={note} maxLength={MAX_NOTE} rows={3} onChange={(event) => setNote(event.target.value)} />
        </label>
        <label>
          Tags, with commas between them
          <input value={tags} onChange={(event) => setTags(event.target.value)} autoCapitalize="none" />
        </label>
        <button type="submit" className="button" data-look="primary">
          Save
        </button>
      </form>
    </BottomSheet>
  )
}
