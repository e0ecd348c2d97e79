/** Takes a network home as a file: one at a time, in the background of every screen. */

import { createStore } from 'zustand/vanilla'
import { type Exported, exportFile } from '../api/api'
import { sentenceForExport } from './sentence'

interface ExportState {
  /** the run that was shown when the file was asked for; what is said of the file is said there alone */
  shownRun: string | null
  /** suffix of the file being written */
  writing: string | null
  /** why the last file could not be had */
  trouble: string | undefined
  /** which network the last file holds, until that is dismissed */
  exported: Exported | undefined
}

export const exportStore = createStore<ExportState>(() => ({
  shownRun: null,
  writing: null,
  trouble: undefined,
  exported: undefined,
}))

/** Say no more of the last file. */
export const dismissExport = (): void => exportStore.setState({ trouble: undefined, exported: undefined })

/** Clear the notice of the last file when another run is shown; a file that is still being written gets its notice later. */
export function leaveExport(shownRun: string): void {
  const { shownRun: of, writing } = exportStore.getState()
  if (of !== shownRun && !writing) dismissExport()
}

interface Wanted {
  designId: string
  /** suffix of one of the export formats */
  fmt: string
  /** the run whose network is taken; without one, the newest that has a network */
  runId: string | undefined
  /** the run on the screen */
  shownRun: string
}

/** Have a file of a run written and downloaded; nothing where a file is being written. */
export async function downloadExport({ designId, fmt, runId, shownRun }: Wanted): Promise<void> {
  if (exportStore.getState().writing) return
  exportStore.setState({ shownRun, writing: fmt, trouble: undefined, exported: undefined })
  let trouble: string | undefined
  let exported: Exported | undefined
  try {
    exported = await exportFile(designId, fmt, runId)
  } catch (error) {
    trouble = sentenceForExport(error)
  }
  exportStore.setState({ writing: null, trouble, exported })
}
