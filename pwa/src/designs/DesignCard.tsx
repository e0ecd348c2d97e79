/** One design in the list: its thumbnail, its name, how big it is, how its newest run stands, when it was changed. */

import { memo, type PointerEvent, useRef } from 'react'
import { useStore } from 'zustand'
import { hrefOf } from '../navigation/router'
import type { RunSummary } from '../runs/run_cache'
import type { StoredDesign } from '../storage/designs'
import { Icon } from '../ui/Icon'
import { percentDone, plural, roughly } from '../ui/numbers'
import { timeOrDay } from '../ui/times'
import { useLongPress } from '../ui/useLongPress'
import { cardMenuStore, closeCardMenu, openCardMenu } from './card_menu'
import { libraryStore, type Size } from './library'
import { Thumbnail } from './Thumbnail'

export const DesignCard = memo(function DesignCard({ stored }: { stored: StoredDesign }) {
  const { id, work, conflicts, rejected, updatedAt } = stored
  const size = useStore(libraryStore, (state) => state.sizes[id])
  const run = useStore(libraryStore, (state) => state.runs[id])
  const button = useRef<HTMLButtonElement>(null)
  const isOpen = useStore(cardMenuStore, ({ open }) => open?.stored.id === id)
  // the pointer press has already closed an open menu when the click arrives
  const wasOpen = useRef(false)
  const openMenu = () => {
    if (wasOpen.current) closeCardMenu()
    else if (button.current) openCardMenu(stored, button.current)
    wasOpen.current = false
  }
  const press = useMenuPress(openMenu)
  const changed = new Date(updatedAt)
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
          {!Number.isNaN(changed.getTime()) && (
            <time className="design-date" dateTime={updatedAt}>
              <span className="sr-only">changed </span>
              {timeOrDay(changed)}
            </time>
          )}
          <span className="design-line">{lineOf(work.components.length, size, run)}</span>
          {run && STATES[run.status] && <Standing run={run} />}
          {trouble && <span className="design-trouble">{trouble}</span>}
        </span>
      </a>
      <button
        type="button"
        ref={button}
        className="button"
        data-look="bare"
        data-square
        aria-label="Options"
        aria-describedby={`name-${id}`}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        onPointerDown={() => {
          wasOpen.current = isOpen
        }}
        onClick={openMenu}
      >
        <Icon name="more" />
      </button>
    </li>
  )
})

function lineOf(blocks: number, size: Size | undefined, run: RunSummary | undefined): string {
  const facts = [size?.valid ? `${roughly(size.parameters)} parameters` : plural(blocks, 'block')]
  if (size && !size.valid) facts.push('not valid yet')
  // while it learns, its score is shown beside its progress
  const isShown = run?.status === 'running' && run.best === run.score
  if (run?.best != null && !isShown) facts.push(`best in training ${roughly(run.best)}`)
  return facts.join(' · ')
}

const STATES: Partial<Record<RunSummary['status'], string>> = {
  queued: 'waiting to start',
  running: 'learning',
  paused: 'paused',
  failed: 'last run failed',
  interrupted: 'last run was interrupted',
}

/** How the newest run stands, and while it learns its progress and score. */
function Standing({ run }: { run: RunSummary }) {
  const learns = run.status === 'running' && !run.stuck
  return (
    <span className="design-state" data-status={run.stuck ? 'stuck' : run.status}>
      {stateOf(run)}
      {learns && run.score != null && ` · score ${roughly(run.score)}`}
      {run.status === 'running' && (
        <span className="share-bar" aria-hidden="true">
          <i style={{ width: `${100 * Math.min(1, run.share)}%` }} />
        </span>
      )}
    </span>
  )
}

/** A run whose process does not answer may have stopped learning, so nothing says that it learns. */
function stateOf({ status, share, stuck }: RunSummary): string {
  const words = STATES[status] ?? ''
  if (status === 'running') return `${stuck ? 'not responding' : words} · ${percentDone(share)}`
  return stuck ? `${words} · not responding` : words
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
