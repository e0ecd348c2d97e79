/** The thumb's bar: undo, redo, compile, train, add; on every studio screen. */

import { useStore } from 'zustand'
import { compileDesign } from '../compile/compile'
import { documentStore, redo, undo } from '../document/store'
import { Icon } from '../theme/Icon'
import { startRun } from '../train/runs'
import { verdictStore } from '../validate/verdict'
import { openSheet, toast } from './ui'

/** The server would refuse a drawing with problems: say so at once. */
function isMended(): boolean {
  const { design } = documentStore.getState()
  const { verdict, of } = verdictStore.getState()
  if (of !== design || !verdict || verdict.valid) return true
  toast(`Mend ${verdict.problems.length === 1 ? 'the problem' : 'the problems'} first`, 'bad')
  return false
}

export function ActionBar() {
  const design = useStore(documentStore, (state) => state.design)
  const canUndo = useStore(documentStore, (state) => state.past.length > 0)
  const canRedo = useStore(documentStore, (state) => state.future.length > 0)
  const add = () => openSheet({ name: 'blocks', after: documentStore.getState().selection[0] ?? null })
  return (
    <footer className="action-bar">
      <div className="actions" role="toolbar" aria-label="Actions">
        <button type="button" className="action" aria-label="Undo" disabled={!canUndo} onClick={undo}>
          <Icon name="undo" />
        </button>
        <button type="button" className="action" aria-label="Redo" disabled={!canRedo} onClick={redo}>
          <Icon name="redo" />
        </button>
        <button
          type="button"
          className="action"
          data-worded
          disabled={!design}
          onClick={() => design && isMended() && void compileDesign(design.id)}
        >
          <Icon name="compile" /> Compile
        </button>
        <button
          type="button"
          className="action"
          data-worded
          disabled={!design}
          onClick={() => design && isMended() && void startRun(design.id)}
        >
          <Icon name="train" /> Train
        </button>
        <button type="button" className="action" data-look="primary" aria-label="Add block" disabled={!design} onClick={add}>
          <Icon name="add" />
        </button>
      </div>
    </footer>
  )
}
