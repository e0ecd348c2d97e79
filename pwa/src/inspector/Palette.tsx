/** The palette: every block of the catalogue, what fits first, and a search; a tap adds one. */

import { useMemo, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { blockKinds, kindIndex, takesInputs } from '../document/catalogue'
import { findComponent } from '../document/edits'
import { nameIn } from '../document/names'
import { documentStore } from '../document/store'
import { addBlock } from '../editor/actions'
import { showDesign } from '../editor/navigation'
import { closeSheet } from '../editor/ui_state'
import { BottomSheet } from '../ui/BottomSheet'
import { plural } from '../ui/numbers'
import { SearchField } from '../ui/SearchField'
import { useWhileNotPressed } from '../ui/useWhileNotPressed'
import './palette.css'
import { useFitting } from './fitting'
import { groupsFor, type Shown, searchFor, WORTH_A_SEARCH } from './palette'
import { useKeptPlace } from './useKeptPlace'

interface PaletteProps {
  after: string | null
  before?: string | undefined
}

export function Palette({ after, before }: PaletteProps) {
  const [typed, setTyped] = useState('')
  const fitting = useWhileNotPressed(useFitting(after, before))
  const hasInput = useStore(documentStore, ({ design }) => design?.components.some(({ type }) => !takesInputs(type)) ?? false)
  const list = useRef<HTMLDivElement>(null)
  const searching = typed.trim() !== ''
  const groups = useMemo(() => {
    const here = { fitting, hasInput }
    return searching ? [{ title: 'found', blocks: searchFor(typed, here) }] : groupsFor(here)
  }, [typed, searching, fitting, hasInput])
  const order = groups.flatMap(({ title, blocks }) => [title, ...blocks.map(({ block }) => block.type)]).join(' ')
  useKeptPlace(list, order, searching)
  const choose = (type: string) => {
    closeSheet()
    void addBlock(type, after, before)
    showDesign()
  }
  return (
    <BottomSheet
      title="Blocks"
      note={
        <span data-no-terms>
          <Where after={after} before={before} />
        </span>
      }
      full
      focus={list}
      onClose={closeSheet}
    >
      <div ref={list} className="palette-groups" tabIndex={-1}>
        {blockKinds.length >= WORTH_A_SEARCH && <SearchField sticky label="Find" value={typed} onType={setTyped} />}
        {groups.map(({ title, blocks }) => (
          <section key={title} aria-label={title}>
            <h3 className="palette-kind">{title === 'found' ? found(blocks.length) : title}</h3>
            <ul className="palette">
              {blocks.map((shown) => (
                <Choice key={shown.block.type} {...shown} fits={searching && fitting?.has(shown.block.type)} onChoose={choose} />
              ))}
            </ul>
          </section>
        ))}
        <p className="sr-only" role="status">
          {searching && found(groups[0]?.blocks.length ?? 0)}
        </p>
      </div>
    </BottomSheet>
  )
}

const found = (count: number): string => (count === 0 ? 'No block is called that' : `${plural(count, 'block')} found`)

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

interface ChoiceProps extends Shown {
  /** whether to say that it fits, where no heading does */
  fits: boolean | undefined
  onChoose: (type: string) => void
}

function Choice({ block, keyword, fits, onChoose }: ChoiceProps) {
  const { type, title, summary, training_only: onlyLearning, container } = block
  return (
    <li className="palette-block" data-no-terms data-key={type} data-kind={kindIndex(type)}>
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
        {keyword !== undefined && <span className="tag">also called {keyword} </span>}
        {fits === true && <span className="tag">fits here </span>}
        {onlyLearning && <span className="tag">while learning only </span>}
        {container && <span className="tag">holds blocks</span>}
      </span>
    </li>
  )
}
