/** A small strip of the drawing on the Train screen: every block in reading order, the heat on those that have it. */

import { useMemo } from 'react'
import { useStore } from 'zustand'
import { kindIndex, titleOf } from '../document/catalogue'
import { readingOrder } from '../document/order'
import { documentStore } from '../document/store'
import { HeatBar } from '../draw/HeatBar'
import { heatStore } from '../draw/heat'
import { expertsNamed } from './DeadExperts'
import './strip.css'

export function HeatStrip() {
  const design = useStore(documentStore, (state) => state.design)
  const dead = useStore(heatStore, (state) => state.dead)
  const order = useMemo(() => (design ? readingOrder(design) : []), [design])
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a strip that scrolls has to be reachable with the keyboard
    <ol className="heat-strip" aria-label="The drawing" tabIndex={0}>
      {order.map((component) => (
        <li key={component.id} data-kind={kindIndex(component.type)}>
          <span>{titleOf(component)}</span>
          <HeatBar id={component.id} />
          {dead[component.id] && <small>{expertsNamed(dead[component.id])} idle</small>}
        </li>
      ))}
    </ol>
  )
}
