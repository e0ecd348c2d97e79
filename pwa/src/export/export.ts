/** Takes a network home as a file: one at a time, in the background of every screen. */

import { createStore } from 'zustand/vanilla'
import { type Exported, type ExportFormat, exportFile } from '../api/api'
import { sentenceForExport } from './sentence'

interface ExportState {
  designId: string | null
  /** the type of file being written */
  writing: ExportFormat | null
  /** why the last file could not be had */
  trouble: string | undefined
  /** which network the last file holds, until that is dismissed */
  exported: Exported | undefined
}

export const exportStore = createStore<ExportState>(() => ({
  designId: null,
  writing: null,
  trouble: undefined,
  exported: undefined,
}))

/** Say no more of the last file. */
export const dismissExport = (): void => exportStore.setState({ trouble: undefined, exported: undefined })

/** Have a file of a run written and downloaded, of the newest without one; nothing where a file is being written. */
export async function downloadExport(designId: string, fmt: ExportFormat, runId?: string): Promise<void> {
  if (exportStore.getState().writing) return
  exportStore.setState({ designId, writing: fmt, trouble: undefined, exported: undefined })
  let trouble: string | undefined
  let exported: Exported | undefined
  try {
    exported = await exportFile(designId, fmt, runId)
  } catch (error) {
    trouble = sentenceForExport(error)
  }
  exportStore.setState({ writing: null, trouble, exported })
}
