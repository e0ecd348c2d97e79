/** The buttons beside the name of a run: to name it, and to delete it once it has ended. */

import { useState } from 'react'
import { useStore } from 'zustand'
import type { Run } from '../generated/wire'
import { movesOf, statusOf, trainStore } from '../runs/runs'
import { Icon } from '../ui/Icon'
import { DeleteRun } from './RunDeletion'
import { RunLabelsSheet } from './RunLabelsSheet'

export function RunActions({ run }: { run: Run }) {
  const status = useStore(trainStore, statusOf)
  const steps = useStore(trainStore, (state) => movesOf(state).made)
  const [open, setOpen] = useState(false)
  return (
    <>
      <button
        type="button"
        className="button"
        data-look="bare"
        data-square
        aria-label="Name this run"
        onClick={() => setOpen(true)}
      >
        <Icon name="edit" />
      </button>
      {status && <DeleteRun key={run.id} run={{ ...run, status, steps }} />}
      {open && <RunLabelsSheet run={run} onClose={() => setOpen(false)} />}
    </>
  )
}
