/** The canvas: React Flow near, one own canvas far; every gesture ends in a command of the document. */

import '@xyflow/react/dist/base.css'
import { ReactFlow, ReactFlowProvider, type Viewport } from '@xyflow/react'
import { type RefObject, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { documentStore, openLevel } from '../document/store'
import { EmptyPlace } from '../editor/EmptyPlace'
import { uiStore } from '../editor/ui_state'
import { later } from '../ui/later'
import { Block } from './Block'
import { CanvasTools } from './CanvasTools'
import { DragHint } from './DragHint'
import { ZOOMS } from './detail'
import './block.css'
import './canvas.css'
import '../runs/heat.css'
import type { BlockNode, WireEdge } from './flow'
import { HeatLegend } from './HeatLegend'
import { Overview } from './Overview'
import { SelectionBar } from './SelectionBar'
import { provideSymbols } from './symbols'
import { useConnecting } from './useConnecting'
import { type Flow, useFlow } from './useFlow'
import { useGestures } from './useGestures'
import { startingView, useViewport } from './useViewport'
import { Wire } from './Wire'

const loadQuickMenu = () => import('./QuickMenu')
const QuickMenu = later(
  loadQuickMenu,
  (parts) => parts.QuickMenu,
  () => null,
)

const NODE_TYPES = { block: Block }
const EDGE_TYPES = { wire: Wire }
const SNAP: [number, number] = [8, 8]
const MAX_ALWAYS_MOUNTED = 60
const HIDE_CORNER_LINK = { hideAttribution: true }

/** The frame is measured first, so that the first thing drawn is already in its place. */
export function Canvas() {
  const frame = useRef<HTMLDivElement>(null)
  const [initial, setInitial] = useState<Viewport | null>(null)
  useLayoutEffect(() => {
    if (!frame.current) return
    provideSymbols(frame.current)
    setInitial(startingView(frame.current))
  }, [])
  return (
    <div ref={frame} className="canvas">
      {initial && (
        <ReactFlowProvider>
          <DesignCanvas frame={frame} initial={initial} />
        </ReactFlowProvider>
      )}
    </div>
  )
}

function DesignCanvas({ frame, initial }: { frame: RefObject<HTMLDivElement | null>; initial: Viewport }) {
  const level = useStore(documentStore, openLevel)
  const connecting = useStore(uiStore, (state) => state.connecting)
  const menuIsOpen = useStore(uiStore, (state) => state.menu !== null)
  const flow = useFlow()
  const large = flow.nodes.length > MAX_ALWAYS_MOUNTED
  const viewport = useViewport(frame, initial, large)
  const connect = useConnecting(frame)
  const gestures = useGestures(frame, flow.edges)
  const far = viewport.far
  const drawn = useDrawn(frame, viewport, flow)
  const empty = level?.components.length === 0
  return (
    <div className="canvas-surface" data-connecting={connecting ?? undefined} {...gestures.frame}>
      <ReactFlow<BlockNode, WireEdge>
        nodes={drawn.nodes}
        edges={drawn.edges}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        defaultViewport={initial}
        minZoom={ZOOMS[0]}
        maxZoom={ZOOMS[1]}
        onlyRenderVisibleElements={large}
        snapToGrid
        snapGrid={SNAP}
        nodeDragThreshold={8}
        connectionDragThreshold={6}
        paneClickDistance={8}
        nodeClickDistance={8}
        selectNodesOnDrag={false}
        zoomOnDoubleClick={false}
        edgesFocusable={false}
        elevateNodesOnSelect={false}
        deleteKeyCode={null}
        selectionKeyCode={null}
        autoPanOnNodeDrag
        connectOnClick={false}
        connectionRadius={44 / viewport.zoom}
        isValidConnection={connect.isValid}
        onConnectStart={connect.onConnectStart}
        onConnectEnd={connect.onConnectEnd}
        onNodesChange={flow.onNodesChange}
        onNodeDragStart={closeMenu}
        onNodeDragStop={flow.onNodeDragStop}
        onNodeClick={gestures.onNodeClick}
        onPaneClick={gestures.onPaneClick}
        onMoveEnd={viewport.onMoveEnd}
        proOptions={HIDE_CORNER_LINK}
      />
      <Overview frame={frame} shown={far} view={viewport.seen} />
      {empty && <EmptyPlace />}
      <CanvasTools />
      <HeatLegend />
      <SelectionBar />
      <DragHint />
      {menuIsOpen && <QuickMenu />}
    </div>
  )
}

const closeMenu = () => uiStore.setState({ menu: null })

/**
 * What React Flow draws: nothing in the far view. While a finger still moves the view, it is what was on the page when the far view
 * began, since removing that takes long, and a touch on an element that is removed is lost.
 */
function useDrawn(
  frame: RefObject<HTMLDivElement | null>,
  { far, resting }: { far: boolean; resting: boolean },
  { nodes, edges }: Flow,
): Pick<Flow, 'nodes' | 'edges'> {
  const kept = useRef<{ nodes: ReadonlySet<string>; edges: ReadonlySet<string> }>(undefined)
  if (!far || resting) kept.current = undefined
  else kept.current ??= { nodes: idsOf(frame.current, '.react-flow__node'), edges: idsOf(frame.current, '.react-flow__edge') }
  const { current: ids } = kept
  return useMemo(() => {
    if (resting) return NOTHING
    if (!ids) return { nodes, edges }
    return { nodes: nodes.filter(({ id }) => ids.nodes.has(id)), edges: edges.filter(({ id }) => ids.edges.has(id)) }
  }, [ids, resting, nodes, edges])
}

const NOTHING: Pick<Flow, 'nodes' | 'edges'> = { nodes: [], edges: [] }

const idsOf = (frame: HTMLElement | null, selector: string): ReadonlySet<string> =>
  new Set([...(frame?.querySelectorAll<HTMLElement>(selector) ?? [])].map(({ dataset }) => dataset.id ?? ''))
