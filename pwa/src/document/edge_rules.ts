/** Checks, fast enough for every frame, whether an edge is allowed: the rules of `shared_py/edge_rules.py`, in the same order. */

import messages from '../generated/messages.json' with { type: 'json' }
import type { Component, ModelArchitecture, Problem } from '../generated/wire'
import { hasOutput, takesInputs } from './catalogue'
import { findComponent, hasEdge } from './edits'
import { insideOf } from './inside'
import { closesCycle } from './order'

const { edge_rules } = messages

type EdgeRule = keyof typeof edge_rules

/** Whether an edge between two components of a design breaks a rule. */
const breaks: Record<
  Exclude<EdgeRule, 'edge_end_missing'>,
  (design: ModelArchitecture, from: Component, to: Component) => boolean
> = {
  edge_to_itself: (_, from, to) => from.id === to.id,
  edge_between_containers: (_, from, to) => insideOf(from) !== insideOf(to),
  edge_exists: (design, from, to) => hasEdge(design, from.id, to.id),
  edge_from_an_end: (_, from) => !hasOutput(from.type),
  edge_into_an_input: (_, _from, to) => !takesInputs(to.type),
  edge_closes_a_cycle: (design, from, to) => closesCycle(design, from.id, to.id),
}

/** The first rule that an edge would break; undefined if none is broken; shapes are not checked here. */
export function edgeRefusal(design: ModelArchitecture | null, source: string, target: string): Problem | undefined {
  const from = design && findComponent(design, source)
  const to = design && findComponent(design, target)
  if (!design || !from || !to) return refusal('edge_end_missing')
  const rules = Object.keys(edge_rules) as EdgeRule[]
  const broken = rules.find((rule) => rule !== 'edge_end_missing' && breaks[rule](design, from, to))
  return broken && refusal(broken)
}

const refusal = (code: EdgeRule): Problem => ({
  code,
  message: edge_rules[code],
  component_id: null,
  field: null,
  expected: null,
  received: null,
  fix: null,
  params: {},
})
