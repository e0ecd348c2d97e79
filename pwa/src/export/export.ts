/** Takes a network home as a file: one at a time, in the background of every screen. */

import { createStore } from 'zustand/vanilla'
import { type ExportFormat, exportFile } from '../api/api'
import { sentenceForExport } from './sentence'

interface ExportState {
  designId: string | null
  /** the type of file being written */
  writing: ExportFormat | null
  /** why the last file could not be had */
  trouble: string | undefined
}

export const exportStore = createStore<ExportState>(() => ({ designId: null, writing: null, trouble: undefined }))

/** Have a file of a run written and downloaded, of the newest without one; nothing where a file is being written. */
export async function takeHome(designId: string, fmt: ExportFormat, runId?: string): Promise<void> {
  if (exportStore.getState().writing) return
  exportStore.setState({ designId, writing: fmt, trouble: undefined })
  let trouble: string | undefined
  try {
    await exportFile(designId, fmt, runId)
  } catch (error) {
    trouble = sentenceForExport(error)
  }
  exportStore.setState({ writing: null, trouble })
}
