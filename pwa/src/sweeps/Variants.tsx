/** On the Train screen: tries variants of the design, and leads to their results. */

import { useState } from 'react'
import { useStore } from 'zustand'
import { documentStore } from '../document/store'
import { mayBeSent } from '../editor/may_be_sent'
import { hrefOf } from '../navigation/router'
import { later, MissingSheet } from '../ui/later'
import './variants.css'

const loadSheet = () => import('./SweepSheet')
const SweepSheet = later(loadSheet, (parts) => parts.SweepSheet, MissingSheet)

export function Variants() {
  const id = useStore(documentStore, ({ design }) => design?.id)
  const [open, setOpen] = useState(false)
  if (!id) return null
  return (
    <section className="panel variants" aria-label="Variants">
      <h2>Variants of this design</h2>
      <div className="variants-buttons">
        <button type="button" className="button" onClick={() => setOpen(mayBeSent())}>
          Try variants
        </button>
        <a className="button" href={hrefOf({ screen: 'sweeps', id })}>
          Results
        </a>
      </div>
      {open && <SweepSheet onClose={() => setOpen(false)} />}
    </section>
  )
}
