/** The bar above the tabs of the Design and the Code screen: undo, redo, compile, train, add. */

import { useStore } from 'zustand'
import { documentStore, redo, undo } from '../document/store'
import { compileDesign } from '../editor/compile_state'
import { mayBeSent } from '../editor/may_be_sent'
import { openSheet } from '../editor/ui_state'
import { Icon, type IconName } from '../ui/Icon'

const loadTraining = () => import('../runs/train_again')

/** An error is ignored here: the sheet shows that it could not be loaded. */
const openTraining = (id: string) =>
  loadTraining().then(
    ({ openTraining }) => openTraining(id),
    () => openSheet({ name: 'train' }),
  )

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
        <CommandButton icon="compile" label="Compile" run={(id) => mayBeSent() && void compileDesign(id)} />
        <CommandButton icon="train" label="Train" run={(id) => void openTraining(id)} />
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
  run: (designId: string) => void
}

/** The button of a command for the server. */
function CommandButton({ icon, label, run }: CommandButtonProps) {
  const id = useStore(documentStore, (state) => state.design?.id)
  return (
    <button type="button" className="action" data-worded disabled={!id} onClick={() => id && run(id)}>
      <Icon name={icon} /> {label}
    </button>
  )
}
