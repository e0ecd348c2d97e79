/** The palette: every block of the catalogue, by kind; a tap adds one. */

import { useMemo, useRef, useState } from 'react'
import { type BlockKind, blockKinds, kindIndex } from '../document/catalogue'
import { findComponent } from '../document/edits'
import { nameIn } from '../document/names'
import { documentStore } from '../document/store'
import { addBlock } from '../editor/actions'
import { showDesign } from '../editor/navigation'
import { closeSheet } from '../editor/ui_state'
import { BottomSheet } from '../ui/BottomSheet'
import { Icon } from '../ui/Icon'
import './palette.css'
import { useFitting } from './fitting'
import { groupsFor, noteUsed, usedLast, WORTH_A_SEARCH, withUsedLast } from './palette'

interface PaletteProps {
  after: string | null
  before?: string | undefined
}

export function Palette({ after, before }: PaletteProps) {
  const [typed, setTyped] = useState('')
  const [used] = useState(usedLast)
  const fitting = useFitting(after, before)
  const list = useRef<HTMLDivElement>(null)
  const groups = useMemo(() => (typed.trim() ? groupsFor(typed) : withUsedLast(groupsFor(''), used)), [typed, used])
  const choose = (type: string) => {
    closeSheet()
    noteUsed(type)
    void addBlock(type, after, before)
    showDesign()
  }
  return (
    <BottomSheet title="Blocks" note={<Where after={after} before={before} />} focus={list} onClose={closeSheet}>
      <div ref={list} className="palette-groups" tabIndex={-1}>
        {blockKinds.length >= WORTH_A_SEARCH && <Search typed={typed} onType={setTyped} />}
        {groups.map(({ title, blocks }) => (
          <section key={title} aria-label={title}>
            <h3 className="palette-kind">{title}</h3>
            <ul className="palette">
              {blocks.map((block) => (
                <Choice key={block.type} block={block} fits={fits(block, fitting)} onChoose={choose} />
              ))}
            </ul>
          </section>
        ))}
        {groups.length === 0 && <p className="quiet">No block is called that.</p>}
      </div>
    </BottomSheet>
  )
}

/** Where a new block will go, in words. */
function Where({ after, before }: PaletteProps) {
  const { design, inside } = documentStore.getState()
  const anchor = after && design ? findComponent(design, after) : undefined
  const container = inside && design ? findComponent(design, inside) : undefined
  if (design && anchor && before)
    return `Goes in between ${nameIn(design, anchor.id)} and ${nameIn(design, before)}, or where it fits`
  if (design && anchor) return `Goes in after ${nameIn(design, anchor.id)}, or where it fits`
  return design && container ? `Goes into ${nameIn(design, container.id)}, where it fits` : 'Goes in where it fits'
}

/** Whether a block fits; unknown for an empty container. */
const fits = ({ type, container }: BlockKind, fitting: ReadonlySet<string> | undefined): boolean | undefined =>
  container ? undefined : fitting?.has(type)

function Search({ typed, onType }: { typed: string; onType: (typed: string) => void }) {
  return (
    <label className="palette-search">
      <Icon name="search" />
      <input
        type="search"
        aria-label="Find"
        placeholder="Find"
        autoComplete="off"
        enterKeyHint="search"
        value={typed}
        onChange={(event) => onType(event.target.value)}
      />
    </label>
  )
}

function Choice({ block, fits, onChoose }: { block: BlockKind; fits: boolean | undefined; onChoose: (type: string) => void }) {
  const { type, title, summary, training_only: onlyLearning, container } = block
  return (
    <li className="palette-block" data-kind={kindIndex(type)}>
      {/* the button covers the whole card; its name is the title alone, and the rest describes it */}
      <button
        type="button"
        className="palette-title"
        aria-describedby={`summary-${type} tags-${type}`}
        onClick={() => onChoose(type)}
      >
        {title}
      </button>
      <span className="palette-summary" id={`summary-${type}`}>
        {summary}
      </span>
      <span className="tags" id={`tags-${type}`}>
        {fits === true && <span className="tag">fits here </span>}
        {onlyLearning && <span className="tag">while learning only </span>}
        {container && <span className="tag">holds blocks</span>}
      </span>
    </li>
  )
}
