/** A file that a person chose in the list of designs: all designs of a phone, or a single one. Loaded when one is chosen. */

import { openSheet } from '../editor/ui_state'
import { type Imported, importAll, NoDesigns } from '../storage/export_all'
import { syncSoon } from '../sync/sync'
import { plural } from '../ui/numbers'
import { showToast } from '../ui/toasts'
import { textOf } from './open_files'

/** Take the designs of a file in, or show the design of it. */
export async function takeFile(file: File): Promise<void> {
  try {
    await take(await textOf(file))
  } catch (error) {
    if (!(error instanceof NoDesigns)) throw error
    showToast(error.message, { tone: 'bad' })
  }
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
