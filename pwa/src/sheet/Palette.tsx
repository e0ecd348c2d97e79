/** The palette: every block of the catalogue, by kind; a tap adds one. */

import { useMemo, useRef, useState } from 'react'
import { addBlock } from '../app/actions'
import { showDrawing } from '../app/place'
import { closeSheet } from '../app/ui'
import { type BlockKind, blockKinds, kindIndex, nameOf } from '../document/catalogue'
import { findComponent } from '../document/steps'
import { documentStore } from '../document/store'
import { Icon } from '../theme/Icon'
import { BottomSheet } from './BottomSheet'
import './palette.css'
import { groupsFor, noteUsed, usedLast, WORTH_A_SEARCH, withUsedLast } from './palette'

export function Palette({ after }: { after: string | null }) {
  const [typed, setTyped] = useState('')
  const [used] = useState(usedLast)
  const list = useRef<HTMLDivElement>(null)
  const groups = useMemo(() => (typed.trim() ? groupsFor(typed) : withUsedLast(groupsFor(''), used)), [typed, used])
  const choose = (type: string) => {
    closeSheet()
    noteUsed(type)
    void addBlock(type, after)
    showDrawing()
  }
  return (
    <BottomSheet title="Blocks" note={<Where after={after} />} focus={list} onClose={closeSheet}>
      <div ref={list} className="palette-groups" tabIndex={-1}>
        {blockKinds.length >= WORTH_A_SEARCH && <Search typed={typed} onType={setTyped} />}
        {groups.map(({ title, blocks }) => (
          <section key={title} aria-label={title}>
            <h3 className="palette-kind">{title}</h3>
            <ul className="palette">
              {blocks.map((block) => (
                <Choice key={block.type} block={block} onChoose={choose} />
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
function Where({ after }: { after: string | null }) {
  const { design, inside } = documentStore.getState()
  const anchor = after && design ? findComponent(design, after) : undefined
  const container = inside && design ? findComponent(design, inside) : undefined
  if (anchor) return `Goes in after ${nameOf(anchor)}`
  return container ? `Goes into ${nameOf(container)}, where it fits` : 'Goes in where it fits'
}

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

function Choice({ block, onChoose }: { block: BlockKind; onChoose: (type: string) => void }) {
  const { type, title, summary, training_only: onlyLearning, container } = block
  return (
    <li>
      <button
        type="button"
        className="palette-block"
        data-kind={kindIndex(type)}
        aria-label={title}
        aria-describedby={`summary-${type}`}
        onClick={() => onChoose(type)}
      >
        <span className="palette-title">{title}</span>
        <span className="palette-summary" id={`summary-${type}`}>
          {summary}
        </span>
        {onlyLearning && <span className="tag">while learning only</span>}
        {container && <span className="tag">holds blocks</span>}
      </button>
    </li>
  )
}
