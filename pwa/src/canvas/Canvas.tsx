/** The canvas: React Flow near, one own canvas far; every gesture ends in a command of the document. */

import '@xyflow/react/dist/base.css'
import { ReactFlow, ReactFlowProvider, useReactFlow, type Viewport } from '@xyflow/react'
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { documentStore, openLevel } from '../document/store'
import { EmptyPlace } from '../editor/EmptyPlace'
import { uiStore } from '../editor/ui_state'
import { Block } from './Block'
import { CanvasTools } from './CanvasTools'
import './canvas.css'
import '../runs/heat.css'
import type { BlockNode, WireEdge } from './flow'
import { HeatLegend } from './HeatLegend'
import { Overview } from './Overview'
import { watchPinch, ZOOMS } from './pinch_zoom'
import { SelectionBar } from './SelectionBar'
import { useConnecting } from './useConnecting'
import { useFlow } from './useFlow'
import { useGestures } from './useGestures'
import { startingView, useViewport } from './useViewport'
import { Wire } from './Wire'

const NODE_TYPES = { block: Block }
const EDGE_TYPES = { wire: Wire }
const NO_NODES: BlockNode[] = []
const NO_EDGES: WireEdge[] = []
const SNAP: [number, number] = [8, 8]
const MAX_ALWAYS_MOUNTED = 60
const HIDE_CORNER_LINK = { hideAttribution: true }

/** The frame is measured first, so that the first thing drawn is already in its place. */
export function Canvas() {
  const frame = useRef<HTMLDivElement>(null)
  const [initial, setInitial] = useState<Viewport | null>(null)
  useLayoutEffect(() => {
    if (frame.current) setInitial(startingView(frame.current))
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
  const flow = useFlow()
  const viewport = useViewport(frame, initial)
  const connect = useConnecting()
  const gestures = useGestures(frame, flow.edges)
  const { getViewport, setViewport } = useReactFlow()
  useEffect(
    () => (frame.current ? watchPinch(frame.current, getViewport, setViewport) : undefined),
    [frame, getViewport, setViewport],
  )
  const far = viewport.far
  const empty = level?.components.length === 0
  return (
    <div className="canvas-surface" data-connecting={connecting ?? undefined} {...gestures.frame}>
      <ReactFlow<BlockNode, WireEdge>
        nodes={far ? NO_NODES : flow.nodes}
        edges={far ? NO_EDGES : flow.edges}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        defaultViewport={initial}
        minZoom={ZOOMS[0]}
        maxZoom={ZOOMS[1]}
        onlyRenderVisibleElements={flow.nodes.length > MAX_ALWAYS_MOUNTED}
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
        connectOnClick
        connectionRadius={44 / viewport.zoom}
        isValidConnection={connect.isValid}
        onConnect={connect.onConnect}
        onConnectEnd={connect.onConnectEnd}
        onClickConnectStart={connect.onClickConnectStart}
        onClickConnectEnd={connect.onClickConnectEnd}
        onNodesChange={flow.onNodesChange}
        onNodeDragStop={flow.onNodeDragStop}
        onNodeClick={gestures.onNodeClick}
        onPaneClick={gestures.onPaneClick}
        onMoveEnd={viewport.onMoveEnd}
        proOptions={HIDE_CORNER_LINK}
      />
      {far && <Overview frame={frame} />}
      {empty && <EmptyPlace />}
      <CanvasTools />
      <HeatLegend />
      <SelectionBar />
    </div>
  )
}
