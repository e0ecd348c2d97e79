/** The buttons that write all designs of this phone into one file, and read such a file or a single design; both work without a network. */

import { type ChangeEvent, useState } from 'react'
import { sentenceFor } from '../lib/error_sentence'
import { Icon } from '../ui/Icon'
import { plural } from '../ui/numbers'
import { showToast } from '../ui/toasts'
import './open-file.css'

const NOT_READ = 'The file could not be read.'

export function Transfer({ count }: { count: number }) {
  const [busy, setBusy] = useState<'export' | 'import'>()
  const save = async () => {
    setBusy('export')
    try {
      const { downloadAll } = await import('../storage/export_all')
      await downloadAll()
      showToast(`Exported ${plural(count, 'design')}`)
    } catch (error) {
      showToast(sentenceFor(error, { unforeseen: 'The designs could not be read from this phone.' }), { tone: 'bad' })
    }
    setBusy(undefined)
  }
  const read = async ({ currentTarget: field }: ChangeEvent<HTMLInputElement>) => {
    const [file] = field.files ?? []
    // so that the same file can be chosen again
    field.value = ''
    if (!file) return
    setBusy('import')
    try {
      const { takeFile } = await import('./taken_file')
      await takeFile(file)
    } catch (error) {
      showToast(sentenceFor(error, { unforeseen: NOT_READ }), { tone: 'bad' })
    }
    setBusy(undefined)
  }
  return (
    <>
      <button
        type="button"
        className="button"
        data-look="bare"
        disabled={count === 0 || busy !== undefined}
        aria-busy={busy === 'export'}
        onClick={() => void save()}
      >
        <Icon name="save" /> Export all designs
      </button>
      <label className="button import-file" data-look="bare" aria-busy={busy === 'import'}>
        <Icon name="enter" /> Import
        <input
          type="file"
          className="sr-only"
          accept=".json,.txt,application/json,text/plain"
          disabled={busy !== undefined}
          onChange={(event) => void read(event)}
        />
      </label>
    </>
  )
}
