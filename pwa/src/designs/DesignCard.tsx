/** One design in the list: its thumbnail, its name, how big it is, how well it plays. */

import { Menu } from '@base-ui/react/menu'
import { type KeyboardEvent, memo, type PointerEvent, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { openSheet } from '../editor/ui_state'
import { hrefOf } from '../navigation/router'
import { useDismissableLayer } from '../navigation/useDismissableLayer'
import type { RunSummary } from '../runs/run_cache'
import type { StoredDesign } from '../storage/designs'
import { withoutFocusGuards } from '../ui/focus_guards'
import { Icon } from '../ui/Icon'
import { percentDone, plural, roughly } from '../ui/numbers'
import { showToast } from '../ui/toasts'
import { useLongPress } from '../ui/useLongPress'
import { libraryStore, newDesign, removeWithUndo, type Size } from './library'
import { Thumbnail } from './Thumbnail'

interface Props {
  stored: StoredDesign
  onRename: (id: string) => void
}

export const DesignCard = memo(function DesignCard({ stored: { id, work, conflicts, rejected }, onRename }: Props) {
  const size = useStore(libraryStore, (state) => state.sizes[id])
  const run = useStore(libraryStore, (state) => state.runs[id])
  const [menu, setMenu] = useState(false)
  const press = useMenuPress(() => setMenu(true))
  const trouble = rejected
    ? rejected.problem.detail
    : conflicts.length > 0
      ? `${plural(conflicts.length, 'conflict')} to look at`
      : undefined
  return (
    <li className="design-card">
      <a href={hrefOf({ screen: 'design', id })} {...press}>
        <Thumbnail design={work} />
        <span className="design-words">
          <b id={`name-${id}`}>{work.name}</b>
          <span className="design-line">{lineOf(work.components.length, size, run)}</span>
          {run && STATES[run.status] && <span className="design-state">{stateOf(run)}</span>}
          {trouble && <span className="design-trouble">{trouble}</span>}
        </span>
      </a>
      <CardMenu id={id} open={menu} onOpen={setMenu} onRename={() => onRename(id)} stored={work} />
    </li>
  )
})

function lineOf(blocks: number, size: Size | undefined, run: RunSummary | undefined): string {
  const facts = [size?.valid ? `${roughly(size.parameters)} parameters` : plural(blocks, 'block')]
  if (size && !size.valid) facts.push('not valid yet')
  if (run?.best !== null && run?.best !== undefined) facts.push(`best mean ${roughly(run.best)}`)
  return facts.join(' · ')
}

const STATES: Partial<Record<RunSummary['status'], string>> = {
  queued: 'waiting to start',
  running: 'learning',
  paused: 'paused',
  failed: 'last run failed',
}

/** A run whose process does not answer may have stopped learning, so nothing says that it learns. */
function stateOf({ status, share, stuck }: RunSummary): string {
  const words = STATES[status] ?? ''
  if (status === 'running') return `${stuck ? 'not responding' : words} · ${percentDone(share)}`
  return stuck ? `${words} · not responding` : words
}

/** Menus lie in the main part of the page, where screen readers look for content. */
const placeOfMenus = () => document.querySelector<HTMLElement>('main') ?? undefined

interface MenuProps {
  id: string
  open: boolean
  onOpen: (open: boolean) => void
  onRename: () => void
  stored: StoredDesign['work']
}

function CardMenu({ id, open, onOpen, onRename, stored }: MenuProps) {
  const remove = async () => {
    const restore = await removeWithUndo(id)
    const undo = { action: `remove ${stored.name}`, run: () => void restore() }
    showToast(`Removed ${stored.name}`, { undo })
  }
  useDismissableLayer(() => onOpen(false), open)
  const onKeyDown = (event: KeyboardEvent) => event.key === 'Tab' && onOpen(false)
  return (
    <Menu.Root open={open} onOpenChange={onOpen} modal={false}>
      <Menu.Trigger className="button" data-look="bare" data-square aria-label="Options" aria-describedby={`name-${id}`}>
        <Icon name="more" />
      </Menu.Trigger>
      <Menu.Portal container={placeOfMenus()}>
        <Menu.Positioner className="menu-place" align="end" sideOffset={2}>
          <Menu.Popup ref={withoutFocusGuards} className="menu" onKeyDown={onKeyDown}>
            <Menu.Item className="menu-item" onClick={onRename}>
              Rename
            </Menu.Item>
            <Menu.Item className="menu-item" onClick={() => void newDesign(stored)}>
              Make a copy
            </Menu.Item>
            <Menu.Item className="menu-item" onClick={() => openSheet({ name: 'history', id })}>
              History
            </Menu.Item>
            <Menu.Item className="menu-item" data-look="bad" onClick={() => void remove()}>
              Remove
            </Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  )
}

/** Handlers of a link that a long press opens a menu on; the click after a long press goes nowhere. */
function useMenuPress(onHold: () => void) {
  const hold = useLongPress()
  const swallow = useRef(false)
  return {
    onPointerDown: (event: PointerEvent) => {
      swallow.current = false
      hold.start(event, () => {
        swallow.current = true
        onHold()
      })
    },
    onPointerMove: hold.move,
    onPointerUp: hold.release,
    onPointerCancel: hold.release,
    onClick: (event: { preventDefault: () => void }) => {
      if (swallow.current) event.preventDefault()
      swallow.current = false
    },
    onContextMenu: (event: { preventDefault: () => void }) => event.preventDefault(),
  }
}
