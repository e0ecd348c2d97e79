/** The buttons that write all designs of this phone into one file, and read such a file or a single design; both work without a network. */

import { type ChangeEvent, useState } from 'react'
import { openSheet } from '../editor/ui_state'
import { sentenceFor } from '../lib/error_sentence'
import { downloadAll, type Imported, importAll, NoDesigns } from '../storage/export_all'
import { syncSoon } from '../sync/sync'
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
      const { textOf } = await import('./open_files')
      await take(await textOf(file))
    } catch (error) {
      showToast(error instanceof NoDesigns ? error.message : sentenceFor(error, { unforeseen: NOT_READ }), { tone: 'bad' })
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

const ALL = /^\s*\{\s*"designs"/

/** A file that "Export all designs" wrote is taken in at once, since it is a copy of this phone; anything else is shown before it is kept. */
async function take(text: string): Promise<void> {
  if (!ALL.test(text)) return openSheet({ name: 'import', source: text })
  const imported = await importAll({ text: async () => text })
  syncSoon('edit')
  showToast(importedWords(imported), { tone: imported.failed.length > 0 ? 'bad' : 'plain' })
}

/** "3 designs imported, 1 of them as a copy. 2 were here already. Not imported: X." */
export function importedWords({ added, copied, same, failed }: Imported): string {
  const parts: string[] = []
  const all = added + copied
  const copies =
    copied === 0
      ? ''
      : copied === all
        ? all === 1
          ? ' as a copy'
          : ' as copies'
        : `, ${copied} of them as ${copied === 1 ? 'a copy' : 'copies'}`
  if (all > 0 || same + failed.length === 0) parts.push(`${plural(all, 'design')} imported${copies}.`)
  if (same > 0) parts.push(`${plural(same, 'design was', 'designs were')} here already.`)
  if (failed.length > 0)
    parts.push(`Not imported: ${failed.slice(0, MAX_NAMED).join(', ')}${failed.length > MAX_NAMED ? ', …' : ''}.`)
  return parts.join(' ')
}

const MAX_NAMED = 3
