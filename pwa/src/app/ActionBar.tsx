/** The thumb's bar: undo, redo, compile, train, add; on every studio screen. */

import { useStore } from 'zustand'
import { documentStore, redo, undo } from '../document/store'
import { compileDesign } from '../editor/compile_state'
import { openSheet, toast } from '../editor/ui_state'
import { validationStore } from '../editor/validation'
import { startRun } from '../runs/runs'
import { Icon, type IconName } from '../ui/Icon'

/** The server would refuse a drawing with problems: say so at once. */
function isMended(): boolean {
  const { design } = documentStore.getState()
  const { result, forDesign } = validationStore.getState()
  if (forDesign !== design || !result || result.valid) return true
  toast(`Fix ${result.problems.length === 1 ? 'the problem' : 'the problems'} first`, 'bad')
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
        <Worded icon="compile" words="Compile" then={compileDesign} />
        <Worded icon="train" words="Train" then={startRun} />
        <button type="button" className="action" data-look="primary" aria-label="Add block" disabled={!design} onClick={add}>
          <Icon name="add" />
        </button>
      </div>
    </footer>
  )
}

interface WordedProps {
  icon: IconName
  words: string
  then: (designId: string) => Promise<void>
}

/** What is asked of the server for the whole design. */
function Worded({ icon, words, then }: WordedProps) {
  const id = useStore(documentStore, (state) => state.design?.id)
  return (
    <button type="button" className="action" data-worded disabled={!id} onClick={() => id && isMended() && void then(id)}>
      <Icon name={icon} /> {words}
    </button>
  )
}
