/** The glossary over every screen: a tap on a technical word shows a card that says what it means. */

import { useEffect, useRef, useState } from 'react'
import { createPortal } from 'react-dom'
import { openSheet } from '../editor/ui_state'
import { useDismissableLayer } from '../navigation/useDismissableLayer'
import { Icon } from '../ui/Icon'
import type { Entry } from './glossary'
import './glossary.css'
import { entryAt, watchScreen } from './screen_terms'

export function Glossary() {
  const [entry, setEntry] = useState<Entry | null>(null)
  useEffect(watchScreen, [])
  useEffect(() => {
    const onTap = (event: MouseEvent) => {
      if (event.defaultPrevented || !document.getSelection()?.isCollapsed) return
      const isInCard = event.target instanceof Element && event.target.closest('.term-card')
      const tapped = entryAt(event.target, event.clientX, event.clientY)
      if (tapped) setEntry(tapped)
      else if (!isInCard) setEntry(null)
    }
    document.addEventListener('click', onTap)
    return () => document.removeEventListener('click', onTap)
  }, [])
  return entry && <TermCard key={entry.key} entry={entry} onClose={() => setEntry(null)} />
}

/** The card lies in the sheet that is open, if one is: a tap outside of a sheet would close that. */
const hostOf = (): Element => [...document.querySelectorAll('.bottom-sheet')].at(-1) ?? document.body

function TermCard({ entry, onClose }: { entry: Entry; onClose: () => void }) {
  useDismissableLayer(onClose)
  const [host] = useState(hostOf)
  const card = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const before = document.activeElement
    card.current?.focus({ preventScroll: true })
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true })
    }
  }, [])
  const showAll = () => {
    onClose()
    openSheet({ name: 'help' })
  }
  return createPortal(
    <div
      ref={card}
      className="term-card"
      role="dialog"
      aria-labelledby="term-name"
      aria-describedby="term-text"
      tabIndex={-1}
      data-in-sheet={host !== document.body || undefined}
    >
      <h3 id="term-name" data-no-terms>
        {entry.name}
      </h3>
      <button type="button" className="button" data-look="bare" data-square aria-label="Close" onClick={onClose}>
        <Icon name="close" />
      </button>
      <p id="term-text">{entry.text}</p>
      <button type="button" className="button" data-look="bare" onClick={showAll}>
        All words
      </button>
    </div>,
    host,
  )
}
