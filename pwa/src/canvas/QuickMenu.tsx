/** The menu that a long press on a block opens at the finger. */

import { type KeyboardEvent, useEffect, useLayoutEffect, useRef } from 'react'
import { useStore } from 'zustand'
import { findComponent } from '../document/edits'
import { nameIn } from '../document/names'
import { documentStore } from '../document/store'
import { deleteBlock, duplicateBlock, editBlock, startSelecting } from '../editor/actions'
import { uiStore } from '../editor/ui_state'
import { useDismissableLayer } from '../navigation/useDismissableLayer'
import { Icon, type IconName } from '../ui/Icon'
import { menuPlace } from './menu_place'
import './quick-menu.css'

export function QuickMenu() {
  const menu = useStore(uiStore, (state) => state.menu)
  const known = useStore(documentStore, ({ design }) => !!menu && !!design && findComponent(design, menu.id) !== undefined)
  return menu && known ? <OpenMenu key={menu.id} {...menu} /> : null
}

const close = (): void => uiStore.setState({ menu: null })

const ITEMS: { label: string; icon: IconName; bad?: boolean; run: (id: string) => void }[] = [
  { label: 'Duplicate', icon: 'duplicate', run: (id) => void duplicateBlock(id) },
  { label: 'Delete', icon: 'bin', bad: true, run: deleteBlock },
  { label: 'Select more', icon: 'grid', run: startSelecting },
  { label: 'Name', icon: 'edit', run: (id) => editBlock(id, 'name') },
]

function OpenMenu({ id, x, y }: { id: string; x: number; y: number }) {
  const menu = useRef<HTMLDivElement>(null)
  const name = useStore(documentStore, ({ design }) => (design ? nameIn(design, id) : ''))
  useDismissableLayer(close)
  useLayoutEffect(() => {
    const element = menu.current
    if (!element) return
    const { left, top } = menuPlace({ x, y }, element.getBoundingClientRect(), { width: innerWidth, height: innerHeight })
    element.style.left = `${left}px`
    element.style.top = `${top}px`
  }, [x, y])
  useEffect(() => {
    const before = document.activeElement
    menu.current?.querySelector('button')?.focus({ preventScroll: true })
    return () => {
      if (before instanceof HTMLElement && document.activeElement === document.body) before.focus({ preventScroll: true })
    }
  }, [])
  const choose = (run: (id: string) => void) => {
    close()
    run(id)
  }
  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a tap beside the menu closes it; keys do so by Escape */}
      <div className="menu-beside" onPointerDown={close} onContextMenu={(event) => event.preventDefault()} />
      <div ref={menu} className="quick-menu" role="menu" aria-label={`Actions on ${name}`} tabIndex={-1} onKeyDown={moveFocus}>
        <p aria-hidden="true">{name}</p>
        {ITEMS.map(({ label, icon, bad, run }) => (
          <button
            key={label}
            type="button"
            role="menuitem"
            tabIndex={-1}
            data-look={bad ? 'bad' : undefined}
            onClick={() => choose(run)}
          >
            <Icon name={icon} /> {label}
          </button>
        ))}
      </div>
    </>
  )
}

/** Arrow keys, Home and End, as WAI-ARIA asks of menus; Tab leaves and closes. */
function moveFocus(event: KeyboardEvent<HTMLDivElement>): void {
  const items = [...event.currentTarget.querySelectorAll('button')]
  const at = items.indexOf(document.activeElement as HTMLButtonElement)
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key]
  if (event.key === 'Tab') close()
  if (to === undefined) return
  event.preventDefault()
  event.stopPropagation()
  items.at(to % items.length)?.focus()
}
