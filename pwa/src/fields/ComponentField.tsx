/** Chooses the component to share content with, or none, for content of its own. */

import { nameOf, type Property } from '../document/catalogue'
import { findComponent } from '../document/edits'
import { definitionsFor } from '../document/inside'
import { linkTo } from '../editor/actions'
import type { Component, ModelArchitecture } from '../generated/wire'
import { FieldProblem } from './FieldProblem'

interface Props {
  form: Property
  value: unknown
  problem: string | undefined
  owner: { design: ModelArchitecture; component: Component }
}

export function ComponentField({ form, value, problem, owner: { design, component } }: Props) {
  const chosen = typeof value === 'string' ? value : ''
  const offered = definitionsFor(design, component)
  const unavailable = chosen !== '' && !offered.some(({ id }) => id === chosen)
  const current = findComponent(design, chosen)
  return (
    <div className="choice">
      <select
        aria-label={form.name}
        aria-describedby={`about-${form.name}`}
        aria-invalid={unavailable || problem !== undefined}
        value={chosen}
        onChange={(event) => linkTo(component.id, form.name, event.target.value || null)}
      >
        <option value="">none (own copy)</option>
        {offered.map((other) => (
          <option key={other.id} value={other.id}>
            {nameOf(other)}
          </option>
        ))}
        {unavailable && <option value={chosen}>{current ? nameOf(current) : chosen} (does not fit)</option>}
      </select>
      <FieldProblem problem={problem} />
    </div>
  )
}
