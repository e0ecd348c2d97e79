/** Sheets whose code is loaded when one is first opened, so that the first visit is small. */

import type { ComponentType } from 'react'
import { useStore } from 'zustand'
import { closeQuestion, documentStore } from '../document/store'
import { isKept, noticeStore } from '../editor/session'
import { closeSheet } from '../editor/ui_state'
import { BottomSheet } from '../ui/BottomSheet'
import { later } from './later'

const laterSheet = <Props extends object, Sheets>(
  load: () => Promise<Sheets>,
  pick: (sheets: Sheets) => ComponentType<Props>,
): ComponentType<Props> => later(load, pick, NotLoaded)

const loadHistory = () => import('../history/sheets')

export const HistorySheet = laterSheet(loadHistory, (sheets) => sheets.HistorySheet)

export const BinSheet = laterSheet(loadHistory, (sheets) => sheets.BinSheet)

export const ExportSheet = laterSheet(
  () => import('../export/ExportSheet'),
  (sheets) => sheets.ExportSheet,
)

export const TrainSheet = laterSheet(
  () => import('../train/TrainSheet'),
  (sheets) => sheets.TrainSheet,
)

export const TemplatesDialog = laterSheet(
  () => import('../designs/TemplatesDialog'),
  (sheets) => sheets.TemplatesDialog,
)

export const HelpSheet = laterSheet(
  () => import('../help/HelpSheet'),
  (sheets) => sheets.HelpSheet,
)

const loadSharing = () => import('../sharing/sheets')
export const ShareSheet = laterSheet(loadSharing, (sheets) => sheets.ShareSheet)
export const ImportSheet = laterSheet(loadSharing, (sheets) => sheets.ImportSheet)
const loadSettings = () => import('../app_settings/sheets')
export const SettingsSheet = laterSheet(loadSettings, (sheets) => sheets.SettingsSheet)
const Question = laterSheet(loadHistory, (sheets) => sheets.UndoQuestion)

const Notice = laterSheet(loadHistory, (sheets) => sheets.ConflictNotice)

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

/** Happens after an update that replaced the file. */
function NotLoaded() {
  const close = () => {
    closeQuestion()
    closeSheet()
  }
  return (
    <BottomSheet title="Not loaded" onClose={close}>
      <p>This part of the app could not be loaded. Your designs are safe; reload the page to try again.</p>
      <button type="button" className="button" data-look="primary" onClick={() => location.reload()}>
        Reload
      </button>
    </BottomSheet>
  )
}
