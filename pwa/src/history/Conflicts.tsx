/** Conflicts with the choice between both sides; a row shows its block on the canvas. */

import { useId, useState } from 'react'
import { useStore } from 'zustand'
import type { Side } from '../document/conflict_choice'
import { placeOf } from '../document/places'
import { documentStore, select } from '../document/store'
import { offerUndo } from '../editor/actions'
import { resolveConflicts } from '../editor/conflicts'
import { goWhere } from '../editor/navigation'
import { isKept, noticeStore } from '../editor/session'
import { closeSheet, uiStore } from '../editor/ui_state'
import type { ModelArchitecture } from '../generated/wire'
import { sentenceFor } from '../lib/error_sentence'
import { goTo } from '../navigation/router'
import { dismissConflicts, queueResolution } from '../storage/conflicts'
import { Icon } from '../ui/Icon'
import { plural } from '../ui/numbers'
import { showToast } from '../ui/toasts'
import { type ConflictRow, conflictGroups } from './conflict_rows'
import './conflicts.css'

/** The conflicts of the open design above the canvas, until each is decided or put aside. */
export function ConflictNotice() {
  const design = useStore(documentStore, (state) => state.design)
  const conflicts = useStore(noticeStore, (state) => state.conflicts)
  const [folded, setFolded] = useState(false)
  if (!design) return null
  const kept = conflicts.filter(isKept)
  const open = kept.filter(({ resolved }) => !resolved).length
  const rows = conflictGroups(kept, design).flatMap((group) => group.rows).length
  const later = async () => {
    await dismissConflicts(design.id)
    if (open > 0) showToast('They stay in the history of this design')
  }
  return (
    <section className="conflicts" aria-label="Conflicts">
      <div className="conflicts-head">
        <button type="button" className="conflicts-fold" aria-expanded={!folded} onClick={() => setFolded(!folded)}>
          <Icon name={folded ? 'unfold' : 'fold'} />
          {open > 0 ? 'Changed on two devices' : 'Decided on another device'}
          {rows > 1 && <small>{plural(rows, 'conflict')}</small>}
        </button>
        <button
          type="button"
          className="button"
          data-look="bare"
          data-square
          aria-label="Decide later"
          onClick={() => void later()}
        >
          <Icon name="close" />
        </button>
      </div>
      {!folded && (
        <div className="conflicts-list">
          <ConflictList conflicts={kept} design={design} />
        </div>
      )}
    </section>
  )
}

interface ListProps {
  conflicts: Parameters<typeof conflictGroups>[0]
  design: ModelArchitecture
  /** whether rows that somebody has decided are a record, without a button */
  asRecord?: boolean
}

export function ConflictList({ conflicts, design, asRecord = false }: ListProps) {
  return conflictGroups(conflicts, design).map(({ name, component, rows }) => (
    <ul key={component ?? name} className="conflict-group" aria-label={name || 'The design'}>
      {rows.map((row) => (
        <Row key={row.key} row={row} asRecord={asRecord} />
      ))}
    </ul>
  ))
}

function Row({ row, asRecord }: { row: ConflictRow; asRecord: boolean }) {
  const { component, title, sentence, state, resolved } = row
  const id = useId()
  const isOpen = useStore(documentStore, ({ design }) => design?.id === row.conflicts[0].designId)
  const words = (
    <>
      <b>{title}</b>
      <span>{sentence}</span>
      {state && <small>{state}</small>}
    </>
  )
  return (
    <li className="conflict" data-resolved={resolved || undefined}>
      {component === undefined || !isOpen ? (
        <div className="conflict-words" id={id}>
          {words}
        </div>
      ) : (
        <button type="button" className="conflict-words" id={id} onClick={() => show(component)}>
          {words}
        </button>
      )}
      {!resolved && <Choice row={row} describedBy={id} />}
      {resolved && !asRecord && (
        <div className="conflict-choice">
          <button type="button" className="button" onClick={() => void acknowledge(row)}>
            OK
          </button>
        </div>
      )}
    </li>
  )
}

const SIDES = [
  { side: 'mine', name: 'Keep mine' },
  { side: 'theirs', name: 'Take theirs' },
] as const

function Choice({ row, describedBy }: { row: ConflictRow; describedBy: string }) {
  const [busy, setBusy] = useState(false)
  const choose = async (side: Side) => {
    setBusy(true)
    try {
      await decide(row, side)
    } catch (error) {
      showToast(sentenceFor(error, { unforeseen: 'The choice could not be stored on this phone.' }), { tone: 'bad' })
      setBusy(false)
    }
  }
  return (
    <div className="conflict-choice">
      {SIDES.map(({ side, name }) => (
        <button
          key={side}
          type="button"
          className="button"
          aria-describedby={describedBy}
          disabled={busy}
          onClick={() => void choose(side)}
        >
          {name}
        </button>
      ))}
    </div>
  )
}

async function decide({ conflicts, title, after }: ConflictRow, side: Side): Promise<void> {
  const [first] = conflicts
  const newest = documentStore.getState().past.at(-1)
  const design = await resolveConflicts(conflicts, side)
  if (!design && placeOf(first.path)?.of === 'design') {
    closeSheet()
    goTo({ screen: 'designs' })
    showToast(`Removed ${title.replace(/^The/, 'the')}; it is in the bin`)
  } else if (documentStore.getState().past.at(-1) === newest) showToast(`${title}: ${after[side]}`)
  else offerUndo(`${title}: ${after[side]}`, 'choice')
}

/** Close the notice about what somebody else decided. */
async function acknowledge({ conflicts }: ConflictRow): Promise<void> {
  for (const { id, resolved } of conflicts) if (resolved) await queueResolution(id, resolved)
}

/** Show a block on the canvas, selected and in sight; problems are folded to make room. */
function show(id: string): void {
  uiStore.setState({ sheet: null, tab: 'canvas', folded: true })
  goWhere(id)
  select([id])
}
