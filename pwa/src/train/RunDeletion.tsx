/** Deletes a run for good: a button, and a dialog that names the run, what is deleted and what stays. */

import { useState } from 'react'
import { deleteRun } from '../api/api'
import type { Run } from '../generated/wire'
import { sentenceFor } from '../lib/error_sentence'
import { useOfflineDebounced } from '../platform/useOfflineDebounced'
import { titleOfRun } from '../runs/labels'
import { lineOf } from '../runs/run_line'
import { isActive } from '../runs/selected_run'
import { BottomSheet } from '../ui/BottomSheet'
import { Icon } from '../ui/Icon'
import './run-deletion.css'
import { forgetRun } from '../runs/runs'

interface Props {
  run: Run
  /** the id of what names the run beside the button */
  describedBy?: string
}

/** The button; none for an active run, which has to be stopped first. */
export function DeleteRun({ run, describedBy }: Props) {
  const [open, setOpen] = useState(false)
  if (isActive(run.status) && !open) return null
  return (
    <>
      <button
        type="button"
        className="button delete-run"
        data-square
        aria-label="Delete run"
        aria-describedby={describedBy}
        onClick={() => setOpen(true)}
      >
        <Icon name="bin" />
      </button>
      {open && <DeletionDialog run={run} onClose={() => setOpen(false)} />}
    </>
  )
}

const UNREACHABLE = 'The server cannot be reached, and runs are kept there. Delete it when the connection is back.'

function DeletionDialog({ run, onClose }: { run: Run; onClose: () => void }) {
  const offline = useOfflineDebounced()
  const [deleting, setDeleting] = useState(false)
  const [refused, setRefused] = useState<string>()
  const remove = async () => {
    setDeleting(true)
    setRefused(undefined)
    try {
      await deleteRun(run.id)
    } catch (error) {
      setRefused(sentenceFor(error, { unreachable: UNREACHABLE }))
      setDeleting(false)
      return
    }
    onClose()
    await forgetRun(run.id)
  }
  const problem = offline ? UNREACHABLE : refused
  return (
    <BottomSheet title="Delete this run?" onClose={onClose}>
      <div className="run-deletion">
        <p className="run-deletion-subject">
          <b>{titleOfRun(run)}</b>
          <small>{lineOf(run)}</small>
        </p>
        <p>Its score chart, checkpoints and exports are deleted on the server for good.</p>
        <p className="quiet">The design stays, and so do files you have downloaded.</p>
        {problem && (
          <p className="trouble" role="alert">
            {problem}
          </p>
        )}
        <div className="run-deletion-buttons">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button
            type="button"
            className="button"
            data-look="bad"
            disabled={offline || deleting}
            aria-busy={deleting}
            onClick={() => void remove()}
          >
            {deleting ? <span className="spinner" aria-hidden="true" /> : <Icon name="bin" />} Delete run
          </button>
        </div>
      </div>
    </BottomSheet>
  )
}
