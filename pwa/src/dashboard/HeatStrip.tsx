/** A small strip of the design on the Train screen: every block in reading order, with the usage of experts where it has any. */

import { useStore } from 'zustand'
import { kindIndex, titleOf } from '../document/catalogue'
import { holds, levelOf } from '../document/inside'
import { readingOrder } from '../document/order'
import { documentStore } from '../document/store'
import type { Component, ModelArchitecture } from '../generated/wire'
import { heatStore } from '../runs/expert_heat'
import { HeatBar } from '../runs/HeatBar'
import { expertsNamed } from './DeadExperts'
import './strip.css'

export function HeatStrip() {
  const design = useStore(documentStore, (state) => state.design)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a strip that scrolls has to be reachable with the keyboard
    <ol className="heat-strip" aria-label="The design" tabIndex={0}>
      {design && <Blocks design={design} place={null} />}
    </ol>
  )
}

/** The blocks of one place in the order in which they are computed, each container followed by what lies in it. */
function Blocks({ design, place }: { design: ModelArchitecture; place: string | null }) {
  return readingOrder(levelOf(design, place)).map((component) => (
    <StripBlock key={component.id} design={design} component={component} />
  ))
}

function StripBlock({ design, component }: { design: ModelArchitecture; component: Component }) {
  const unused = useStore(heatStore, (state) => state.dead[component.id])
  const full = holds(component) && levelOf(design, component.id).components.length > 0
  return (
    <li data-kind={kindIndex(component.type)} data-holds={full || undefined}>
      <span>{titleOf(component)}</span>
      <HeatBar id={component.id} />
      {unused && <small>{expertsNamed(unused)} unused</small>}
      {full && (
        <ol aria-label={`Inside ${titleOf(component)}`}>
          <Blocks design={design} place={component.id} />
        </ol>
      )}
    </li>
  )
}
