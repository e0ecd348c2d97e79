/** Exports a trained network: one tap downloads it, a small menu chooses the type of file. */

import { Menu } from '@base-ui/react/menu'
import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import type { Exported } from '../api/api'
import formats from '../generated/formats.json' with { type: 'json' }
import type { ExportFormat } from '../generated/wire'
import { useDismissableLayer } from '../navigation/useDismissableLayer'
import { Icon } from '../ui/Icon'
import { roughly } from '../ui/numbers'
import './export.css'
import { dismissExport, downloadExport, exportStore, leaveExport } from './export'
import { sentenceForExported } from './sentence'

/** The table of backend/export/formats.py. */
export const FORMATS = formats as readonly ExportFormat[]
const DEFAULT_FORMAT = FORMATS[0] as ExportFormat

/** What is being written of the run that is shown, why nothing was, or which network the file holds. */
export function ExportStatus({ shownRun }: { shownRun: string }) {
  const state = useStore(exportStore)
  useEffect(() => leaveExport(shownRun), [shownRun])
  if (state.shownRun !== shownRun) return state.writing && <WritingElsewhere />
  if (state.exported) return <ExportedNetwork exported={state.exported} />
  if (state.trouble) {
    return (
      <p className="export-status" data-tone="bad" role="status" aria-label="File">
        {state.trouble}
      </p>
    )
  }
  if (!state.writing) return null
  return (
    <p className="export-status" role="status" aria-label="File">
      {FORMATS.find(({ suffix }) => suffix === state.writing)?.wait}
      <i className="export-moving" aria-hidden="true" />
    </p>
  )
}

/** Why another run cannot be exported at this moment. */
function WritingElsewhere() {
  return (
    <p className="export-status" role="status" aria-label="File">
      A file of another run is being written. Export this one after it.
    </p>
  )
}

function ExportedNetwork({ exported }: { exported: Exported }) {
  const sentence = sentenceForExported(exported)
  const { note } = exported
  if (!sentence && !note) return null
  return (
    <div className="export-status export-done" role="status" aria-label="File">
      <p>
        {sentence}
        {note && (
          <span className="export-note">
            <Icon name="alert" /> {note}
          </span>
        )}
      </p>
      <button type="button" className="button" data-look="bare" data-square aria-label="Close" onClick={dismissExport}>
        <Icon name="close" />
      </button>
    </div>
  )
}

interface ExportButtonsProps {
  designId: string
  /** the run on the screen */
  shownRun: string
  /** the run whose network is taken; without one, the newest that has a network */
  runId?: string | undefined
  /** the moves after which its network was best, where that is known */
  bestAfter?: number | undefined
  disabled: boolean
}

export function ExportButtons({ designId, shownRun, runId, bestAfter, disabled }: ExportButtonsProps) {
  const busy = useStore(exportStore, ({ writing }) => writing !== null)
  const isOwn = useStore(exportStore, (state) => state.shownRun === shownRun)
  const [menu, setMenu] = useState(false)
  useDismissableLayer(() => setMenu(false), menu)
  const download = (fmt: string) => void downloadExport({ designId, fmt, runId, shownRun })
  return (
    <div className="export">
      <button
        type="button"
        className="button"
        data-look="primary"
        disabled={disabled || busy}
        aria-busy={busy && isOwn}
        onClick={() => download(DEFAULT_FORMAT.suffix)}
      >
        {busy && isOwn ? <span className="spinner" aria-hidden="true" /> : <Icon name="save" />} Export
      </button>
      <Menu.Root open={menu} onOpenChange={setMenu} modal={false}>
        <Menu.Trigger className="button" data-look="primary" data-square aria-label="File type" disabled={disabled || busy}>
          <Icon name="up" />
        </Menu.Trigger>
        <Menu.Portal>
          <Menu.Positioner className="menu-place" side="top" align="end" sideOffset={6}>
            <Menu.Popup className="menu">
              <Menu.Group>
                {bestAfter !== undefined && (
                  <Menu.GroupLabel className="menu-note">
                    The network at its best, after {roughly(bestAfter)} moves
                  </Menu.GroupLabel>
                )}
                {FORMATS.map(({ suffix, title, help }) => (
                  <Menu.Item key={suffix} className="menu-item" onClick={() => download(suffix)}>
                    <b className="mono">.{suffix}</b>{' '}
                    <small>
                      {title}: {help}
                    </small>
                  </Menu.Item>
                ))}
              </Menu.Group>
            </Menu.Popup>
          </Menu.Positioner>
        </Menu.Portal>
      </Menu.Root>
    </div>
  )
}
