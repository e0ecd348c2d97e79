/** The menu of a design in the list: one for all cards, since hundreds of menus would make the list slow. */

import { Menu } from '@base-ui/react/menu'
import type { KeyboardEvent } from 'react'
import { useStore } from 'zustand'
import { reportRemoved } from '../editor/design_toasts'
import { openSheet } from '../editor/ui_state'
import { useDismissableLayer } from '../navigation/useDismissableLayer'
import type { StoredDesign } from '../storage/designs'
import { withoutFocusGuards } from '../ui/focus_guards'
import { Icon } from '../ui/Icon'
import './card-menu.css'
import { cardMenuStore, closeCardMenu } from './card_menu'
import { newDesign, removeWithUndo } from './library'

/** Menus lie in the main part of the page, where screen readers look for content. */
const placeOfMenus = () => document.querySelector<HTMLElement>('main') ?? undefined

interface Props {
  onRename: (id: string) => void
}

export function CardMenu({ onRename }: Props) {
  const open = useStore(cardMenuStore, (state) => state.open)
  useDismissableLayer(closeCardMenu, open !== null)
  const onKeyDown = (event: KeyboardEvent) => event.key === 'Tab' && closeCardMenu()
  return (
    <Menu.Root open={open !== null} onOpenChange={(opening) => !opening && closeCardMenu()} modal={false}>
      <Menu.Portal container={placeOfMenus()}>
        <Menu.Positioner
          className="menu-place"
          anchor={open?.button}
          align="end"
          sideOffset={2}
          collisionAvoidance={{ side: 'shift' }}
        >
          <Menu.Popup ref={withoutFocusGuards} className="menu" finalFocus={() => open?.button} onKeyDown={onKeyDown}>
            {open && <Items stored={open.stored} onRename={onRename} />}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  )
}

function Items({ stored: { id, work }, onRename }: { stored: StoredDesign } & Props) {
  const remove = async () => {
    const restore = await removeWithUndo(id)
    const undo = { action: `remove ${work.name}`, run: () => void restore() }
    reportRemoved(id, `Removed ${work.name}`, undo)
  }
  return (
    <>
      <Menu.Item className="menu-item" onClick={() => onRename(id)}>
        <Icon name="edit" /> Rename
      </Menu.Item>
      <Menu.Item className="menu-item" onClick={() => void newDesign(work)}>
        <Icon name="duplicate" /> Make a copy
      </Menu.Item>
      <Menu.Item className="menu-item" onClick={() => openSheet({ name: 'share', id })}>
        <Icon name="share" /> Share
      </Menu.Item>
      <Menu.Item className="menu-item" onClick={() => openSheet({ name: 'history', id })}>
        <Icon name="history" /> History
      </Menu.Item>
      <Menu.Item className="menu-item" data-look="bad" onClick={() => void remove()}>
        <Icon name="bin" /> Remove
      </Menu.Item>
    </>
  )
}
