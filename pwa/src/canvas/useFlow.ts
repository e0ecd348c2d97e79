/** Keeps React Flow's nodes and edges in step with the document, and tells the document what was selected and moved. */

import { applyNodeChanges, type NodeChange } from '@xyflow/react'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { hasOutput } from '../document/catalogue'
import { moveComponents } from '../document/commands'
import { commit, documentStore, endMerge, openLevel, select } from '../document/store'
import { uiStore } from '../editor/ui_state'
import { validationStore } from '../editor/validation'
import type { ModelArchitecture } from '../generated/wire'
import { vibrate } from '../ui/haptics'
import { type BlockNode, patchEdges, patchNodes, type Routes, routesOf, type WireEdge } from './flow'
import { noteNewWires } from './grown_wires'
import { labelsStore, placeLabels, sameLabels } from './labels'
import { restingPlace } from './snap'

export interface Flow {
  nodes: BlockNode[]
  edges: WireEdge[]
  onNodesChange: (changes: NodeChange<BlockNode>[]) => void
  onNodeDragStop: () => void
}

/** What the nodes were made of. */
interface Drawn {
  design: ModelArchitecture
  whole: ModelArchitecture
  selection: readonly string[]
}

export function useFlow(): Flow {
  const whole = useStore(documentStore, (state) => state.design)
  const design = useStore(documentStore, openLevel)
  const selection = useStore(documentStore, (state) => state.selection)
  const picked = useStore(uiStore, (state) => state.wire)
  const [nodes, setNodes] = useState<BlockNode[]>([])
  const [drawn, setDrawn] = useState<Drawn>()
  // while rendering and not in an effect, so that a tap draws the canvas once
  if (design && whole && (drawn?.design !== design || drawn.whole !== whole || drawn.selection !== selection)) {
    setDrawn({ design, whole, selection })
    setNodes((before) => patchNodes(before, design, selection, whole))
  }
  const routes = useRoutes(design)
  const edges = useEdges(design, routes, picked)
  useLabels(design, routes)

  const dragged = useRef(new Set<string>())
  const onNodesChange = useCallback((changes: NodeChange<BlockNode>[]) => {
    selectFrom(changes)
    setNodes((before) => applyNodeChanges(changes.filter(isOfTheView), before))
    moveFrom(changes, dragged.current)
  }, [])

  const onNodeDragStop = useCallback(() => {
    endMerge()
    vibrate('snap')
  }, [])
  return { nodes, edges, onNodesChange, onNodeDragStop }
}

const isOfTheView = (change: NodeChange<BlockNode>): boolean => change.type === 'position' || change.type === 'dimensions'

function selectFrom(changes: NodeChange<BlockNode>[]): void {
  const changed = changes.filter((change) => change.type === 'select')
  if (changed.length === 0) return
  const next = new Set(documentStore.getState().selection)
  for (const { id, selected } of changed) {
    if (selected) next.add(id)
    else next.delete(id)
  }
  select([...next])
}

/** A drag tells where it ended, an arrow key where it went: either is one move. A single block that was dragged snaps into place. */
function moveFrom(changes: NodeChange<BlockNode>[], dragged: Set<string>): void {
  const state = documentStore.getState()
  const { design } = state
  const level = openLevel(state)
  for (const change of changes) if (change.type === 'position' && change.dragging) dragged.add(change.id)
  let places = changes.flatMap((change) =>
    change.type === 'position' && change.dragging === false && change.position ? [{ id: change.id, ...change.position }] : [],
  )
  if (!design || !level || places.length === 0) return
  const [only] = places
  if (only && places.length === 1 && dragged.has(only.id)) places = [{ id: only.id, ...restingPlace(level, only.id, only) }]
  dragged.clear()
  const done = moveComponents(design, { places, merge: `move:${places.map(({ id }) => id).join()}` })
  if (done.inverse.length > 0) commit(done)
}

const NO_ROUTES: Routes = new Map()

/** The routes of the edges; they stay the same object while no block moves and no edge comes or goes. */
function useRoutes(design: ModelArchitecture | null): Routes {
  const before = useRef<{ design: ModelArchitecture; routes: Routes }>(undefined)
  const routes = useMemo(() => (design ? routesOf(design, before.current) : NO_ROUTES), [design])
  before.current = design ? { design, routes } : undefined
  return routes
}

/** The edges, patched only when something they depend on changed, so that unchanged ones stay the same objects. */
function useEdges(design: ModelArchitecture | null, routes: Routes, picked: [string, string] | null): WireEdge[] {
  const before = useRef<WireEdge[]>(undefined)
  const edges = useMemo(() => {
    const next = design ? patchEdges(before.current ?? [], design, routes, picked) : []
    if (before.current) noteNewWires(before.current, next)
    return next
  }, [design, routes, picked])
  before.current = design ? edges : undefined
  return edges
}

/** Keep the places of shape labels in step with what is drawn. */
function useLabels(design: ModelArchitecture | null, routes: Routes): void {
  const blocks = useStore(validationStore, (state) => state.result?.blocks)
  useEffect(() => {
    if (!design) return
    const shapes = new Map<string, string>()
    for (const { id, type } of design.components) {
      const shape = blocks?.[id]?.shape
      if (shape && hasOutput(type)) shapes.set(id, shape)
    }
    const next = placeLabels(design.components, [...routes.values()], shapes)
    const { labels } = labelsStore.getState()
    labelsStore.setState({ labels: sameLabels(labels, next.labels) ? labels : next.labels, boxes: next.boxes })
  }, [design, routes, blocks])
}
