/** Sheets whose code is loaded when one is first opened, so that the first visit is small. */

import { type ComponentType, lazy, Suspense } from 'react'
import { useStore } from 'zustand'
import { closeQuestion, documentStore } from '../document/store'
import { isKept, noticeStore } from '../editor/session'
import { closeSheet } from '../editor/ui_state'
import { BottomSheet } from '../ui/BottomSheet'

/** The component of a sheet; where its code cannot be loaded, which happens after an update, a sheet that says so. */
function later<Props extends object, Sheets>(
  load: () => Promise<Sheets>,
  pick: (sheets: Sheets) => ComponentType<Props>,
): ComponentType<Props> {
  const Loaded = lazy(async () => {
    const sheets = await load().catch(() => null)
    return { default: sheets ? pick(sheets) : (NotLoaded as ComponentType<Props>) }
  })
  return function Later(props: Props) {
    return (
      <Suspense fallback={null}>
        <Loaded {...props} />
      </Suspense>
    )
  }
}

const loadHistory = () => import('../history/sheets')

export const HistorySheet = later(loadHistory, (sheets) => sheets.HistorySheet)

export const BinSheet = later(loadHistory, (sheets) => sheets.BinSheet)

export const ExportSheet = later(
  () => import('../export/ExportSheet'),
  (sheets) => sheets.ExportSheet,
)

export const TrainSheet = later(
  () => import('../train/TrainSheet'),
  (sheets) => sheets.TrainSheet,
)

export const TemplatesDialog = later(
  () => import('../designs/TemplatesDialog'),
  (sheets) => sheets.TemplatesDialog,
)

export const HelpSheet = later(
  () => import('../help/HelpSheet'),
  (sheets) => sheets.HelpSheet,
)

const loadSharing = () => import('../sharing/sheets')
export const ShareSheet = later(loadSharing, (sheets) => sheets.ShareSheet)
export const ImportSheet = later(loadSharing, (sheets) => sheets.ImportSheet)
const loadSettings = () => import('../app_settings/sheets')
export const SettingsSheet = later(loadSettings, (sheets) => sheets.SettingsSheet)
export const PairSheet = later(
  () => import('../pairing/sheets'),
  (sheets) => sheets.PairSheet,
)
const Question = later(loadHistory, (sheets) => sheets.UndoQuestion)

const Notice = later(loadHistory, (sheets) => sheets.ConflictNotice)

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
