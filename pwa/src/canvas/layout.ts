/** Positions for all blocks, top to bottom (auto layout). Slow for large designs, so `auto_layout.ts` runs it in a worker. */

import { graphlib, layout } from '@dagrejs/dagre'
import type { Place } from '../document/commands'
import { BLOCK_HEIGHT, BLOCK_WIDTH, GRID } from '../document/geometry'
import type { ModelArchitecture } from '../generated/wire'

const SIDE_GAP = 16
const ROW_GAP = 32

/** Where each component should stand. */
export function autoLayout(design: ModelArchitecture): Place[] {
  const graph = new graphlib.Graph()
  graph.setGraph({ rankdir: 'TB', nodesep: SIDE_GAP, ranksep: ROW_GAP, ranker: 'longest-path' })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const { id } of design.components) graph.setNode(id, { width: BLOCK_WIDTH, height: BLOCK_HEIGHT })
  for (const [source, target] of design.edges) graph.setEdge(source, target)
  layout(graph)
  return design.components.map(({ id }) => {
    const { x, y } = graph.node(id)
    return { id, x: snap(x - BLOCK_WIDTH / 2), y: snap(y - BLOCK_HEIGHT / 2) }
  })
}

const snap = (value: number): number => Math.round(value / GRID) * GRID
