/** The bar above the tabs, on every studio screen: undo, redo, compile, train, add. */

import { useStore } from 'zustand'
import { documentStore, redo, undo } from '../document/store'
import { compileDesign } from '../editor/compile_state'
import { openSheet } from '../editor/ui_state'
import { validationStore } from '../editor/validation'
import { startRun } from '../runs/runs'
import { Icon, type IconName } from '../ui/Icon'
import { showToast } from '../ui/toasts'

/** Whether a command may be sent: the server refuses a design with problems, which is shown at once instead. */
function mayBeSent(): boolean {
  const { design } = documentStore.getState()
  const { result, forDesign } = validationStore.getState()
  if (forDesign !== design || !result || result.valid) return true
  showToast(`Fix ${result.problems.length === 1 ? 'the problem' : 'the problems'} first`, { tone: 'bad' })
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
        <CommandButton icon="compile" label="Compile" run={compileDesign} />
        <CommandButton icon="train" label="Train" run={startRun} />
        <button type="button" className="action" data-look="primary" aria-label="Add block" disabled={!design} onClick={add}>
          <Icon name="add" />
        </button>
      </div>
    </footer>
  )
}

interface CommandButtonProps {
  icon: IconName
  label: string
  run: (designId: string) => Promise<void>
}

/** The button of a command for the server. */
function CommandButton({ icon, label, run }: CommandButtonProps) {
  const id = useStore(documentStore, (state) => state.design?.id)
  return (
    <button type="button" className="action" data-worded disabled={!id} onClick={() => id && mayBeSent() && void run(id)}>
      <Icon name={icon} /> {label}
    </button>
  )
}
