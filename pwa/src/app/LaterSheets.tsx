/** The sheets of the app; each is loaded when it is first opened. */

import { useStore } from 'zustand'
import { closeQuestion, documentStore } from '../document/store'
import { isKept, noticeStore } from '../editor/session'
import { closeSheet } from '../editor/ui_state'
import { later, MissingSheet } from '../ui/later'

function NotLoaded() {
  const close = () => {
    closeQuestion()
    closeSheet()
  }
  return <MissingSheet onClose={close} />
}

const loadInspector = () => import('../inspector/sheets')
export const BlockSheet = later(loadInspector, (sheets) => sheets.BlockSheet, NotLoaded)
export const Palette = later(loadInspector, (sheets) => sheets.Palette, NotLoaded)
export const DesignSheet = later(loadInspector, (sheets) => sheets.DesignSheet, NotLoaded)
export const ParametersSheet = later(loadInspector, (sheets) => sheets.ParametersSheet, NotLoaded)
export const MemorySheet = later(loadInspector, (sheets) => sheets.MemorySheet, NotLoaded)

const loadHistory = () => import('../history/sheets')
export const HistorySheet = later(loadHistory, (sheets) => sheets.HistorySheet, NotLoaded)
export const BinSheet = later(loadHistory, (sheets) => sheets.BinSheet, NotLoaded)

const loadExport = () => import('../export/ExportSheet')
export const ExportSheet = later(loadExport, (sheets) => sheets.ExportSheet, NotLoaded)

const loadTraining = () => import('../train/TrainSheet')
export const TrainSheet = later(loadTraining, (sheets) => sheets.TrainSheet, NotLoaded)

const loadTemplates = () => import('../designs/TemplatesDialog')
export const TemplatesDialog = later(loadTemplates, (sheets) => sheets.TemplatesDialog, NotLoaded)

const loadHelp = () => import('../help/HelpSheet')
export const HelpSheet = later(loadHelp, (sheets) => sheets.HelpSheet, NotLoaded)

const loadSharing = () => import('../sharing/sheets')
export const ShareSheet = later(loadSharing, (sheets) => sheets.ShareSheet, NotLoaded)
export const ImportSheet = later(loadSharing, (sheets) => sheets.ImportSheet, NotLoaded)

const loadSettings = () => import('../app_settings/sheets')
export const SettingsSheet = later(loadSettings, (sheets) => sheets.SettingsSheet, NotLoaded)

const loadPairing = () => import('../pairing/sheets')
export const PairSheet = later(loadPairing, (sheets) => sheets.PairSheet, NotLoaded)

const Question = later(loadHistory, (sheets) => sheets.UndoQuestion, NotLoaded)
const Notice = later(loadHistory, (sheets) => sheets.ConflictNotice, NotLoaded)

/** The conflicts of the open design. */
export function ConflictNotice() {
  const any = useStore(noticeStore, ({ conflicts }) => conflicts.some(isKept))
  return any ? <Notice /> : null
}

/** The question before an undo takes back what somebody else changed. */
export function UndoQuestion() {
  const asked = useStore(documentStore, (state) => state.question !== null)
  return asked ? <Question /> : null
}
