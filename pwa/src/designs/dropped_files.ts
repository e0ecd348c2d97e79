/** Files that were dropped on the app. */

import { openSheet } from '../editor/ui_state'
import { showToast } from '../ui/toasts'
import { openFiles, sentenceForOpened, textOf } from './open_files'

/** One file is shown before it is kept; several are opened at once. */
export async function openDropped(files: readonly File[]): Promise<void> {
  const [file, ...others] = files
  if (!file) return
  if (others.length > 0) {
    const result = await openFiles(files)
    showToast(sentenceForOpened(result), { tone: result.refused.length > 0 ? 'bad' : 'plain' })
    return
  }
  try {
    openSheet({ name: 'import', source: await textOf(file) })
  } catch (error) {
    showToast(`${file.name}: ${error instanceof Error ? error.message : 'it could not be read'}.`, { tone: 'bad' })
  }
}
