/** Taps and long presses on the canvas, read from pointer events, which alone reach React on every touch screen. */

import { type NodeMouseHandler, useReactFlow } from '@xyflow/react'
import { type KeyboardEvent, type MouseEvent, type PointerEvent, type RefObject, useEffect, useRef } from 'react'
import { findComponent } from '../document/edits'
import { boxOf, contains } from '../document/geometry'
import { holds } from '../document/inside'
import { documentStore, endMerge, openLevel, select } from '../document/store'
import { editBlock, startConnecting } from '../editor/actions'
import { goInside } from '../editor/navigation'
import { closeSheet, openSheet, uiStore } from '../editor/ui_state'
import { vibrate } from '../ui/haptics'
import { useLongPress } from '../ui/useLongPress'
import type { BlockNode, WireEdge } from './flow'
import { distanceToRoute } from './route'
import { finishConnecting } from './useConnecting'
import { panMs } from './useViewport'

const WIRE_REACH_PX = 22
const DOUBLE_TAP_MS = 320

const blockUnder = (target: EventTarget | null): string | undefined => {
  const element = target instanceof Element ? target : null
  if (element?.closest('.react-flow__handle')) return undefined
  return element?.closest<HTMLElement>('.react-flow__node')?.dataset.id
}

const portUnder = (target: EventTarget | null): Element | null =>
  target instanceof Element ? target.closest('.react-flow__handle') : null

/** Open the menu of a block at a point of the screen. */
function openMenu(id: string, x: number, y: number): void {
  if (uiStore.getState().menu) return
  vibrate('snap')
  select([id])
  uiStore.setState({ menu: { id, x, y }, connecting: null, wire: null })
}

export function useGestures(frame: RefObject<HTMLDivElement | null>, edges: WireEdge[]) {
  const { screenToFlowPosition, getZoom, setCenter } = useReactFlow()
  const hold = useLongPress()
  const swallow = useRef(false)
  /** what was selected when the finger came down: a tap on that opens its sheet */
  const before = useRef<readonly string[]>([])
  /** the last tap on a container, and what a single one leads to */
  const tapped = useRef({ id: '', at: 0 })
  const later = useRef(0)
  const edgesRef = useRef(edges)
  edgesRef.current = edges
  useEffect(() => () => clearTimeout(later.current), [])

  const onPointerDown = (event: PointerEvent) => {
    swallow.current = false
    before.current = documentStore.getState().selection
    endMerge()
    const id = blockUnder(event.target)
    if (!id) return hold.release()
    const { clientX, clientY } = event
    hold.start(event, () => {
      swallow.current = true
      openMenu(id, clientX, clientY)
    })
  }
  /** The click that follows a long press is not a tap. */
  const onClickCapture = (event: MouseEvent) => {
    if (!swallow.current) return
    swallow.current = false
    event.stopPropagation()
    event.preventDefault()
  }
  const onKeyDownCapture = (event: KeyboardEvent) => {
    const id =
      event.target instanceof HTMLElement && event.target.matches('.react-flow__node') ? event.target.dataset.id : undefined
    if (id && event.key === 'Enter' && documentStore.getState().selection.includes(id)) {
      event.stopPropagation()
      editBlock(id)
    }
    const { design } = documentStore.getState()
    const component = id && design ? findComponent(design, id) : undefined
    if (component && holds(component) && event.key === 'o') goInside(component.id)
  }

  const onNodeClick: NodeMouseHandler<BlockNode> = (event, node) => {
    uiStore.setState({ wire: null })
    const port = portUnder(event.target)
    if (port) return tapOnPort(event, node, port)
    tapOnBlock(event, node)
  }

  /** A port reaches over what is near it: a tap on another block, or on the mark of a container, means that. */
  const tapOnPort = (event: MouseEvent, node: BlockNode, port: Element): void => {
    const level = openLevel(documentStore.getState())
    const point = screenToFlowPosition({ x: event.clientX, y: event.clientY }, { snapToGrid: false })
    const under = level?.components.find((component) => contains(boxOf(component), point))
    const { connecting, selecting } = uiStore.getState()
    if (under && under.id !== node.id) {
      const finished = finishConnecting(under.id)
      select(finished ? [...before.current] : selecting ? [...before.current, under.id] : [under.id])
    } else if (under && node.data.inside !== null) goInside(node.id)
    else if (port.classList.contains('target')) {
      if (finishConnecting(node.id)) select([...before.current])
    } else if (connecting === node.id) uiStore.setState({ connecting: null })
    else startConnecting(node.id)
  }

  const tapOnBlock = (event: MouseEvent, node: BlockNode): void => {
    if (finishConnecting(node.id)) {
      select([...before.current])
      return
    }
    if (uiStore.getState().selecting) {
      const chosen = before.current
      select(chosen.includes(node.id) ? chosen.filter((id) => id !== node.id) : [...chosen, node.id])
      return
    }
    if (node.data.inside !== null && opened(event, node.id)) return
    const again = before.current.length === 1 && before.current[0] === node.id
    const { sheet } = uiStore.getState()
    if (again) later.current = window.setTimeout(() => editBlock(node.id), node.data.inside === null ? 0 : DOUBLE_TAP_MS)
    else if (sheet?.name === 'block') openSheet({ name: 'block', id: node.id })
  }

  /** A tap on the mark of a container, or a second tap soon after the first, opens it. */
  const opened = (event: MouseEvent, id: string): boolean => {
    clearTimeout(later.current)
    const twice = tapped.current.id === id && event.timeStamp - tapped.current.at < DOUBLE_TAP_MS
    tapped.current = { id, at: event.timeStamp }
    const wanted = twice || (event.target instanceof Element && event.target.closest('.block-open') !== null)
    if (wanted) goInside(id)
    return wanted
  }

  /** The menu key, the right button, and on some phones a long press once more. */
  const onContextMenu = (event: MouseEvent) => {
    event.preventDefault()
    const id = blockUnder(event.target)
    if (!id || swallow.current || uiStore.getState().connecting) return
    const byKey = event.clientX === 0 && event.clientY === 0
    const box = byKey && event.target instanceof Element ? event.target.getBoundingClientRect() : undefined
    openMenu(id, box ? box.left + box.width / 2 : event.clientX, box ? box.top : event.clientY)
  }

  const onPaneClick = (event: MouseEvent) => {
    const level = openLevel(documentStore.getState())
    const point = screenToFlowPosition({ x: event.clientX, y: event.clientY }, { snapToGrid: false })
    if (frame.current?.dataset.far !== undefined) {
      const hit = level?.components.find((component) => contains(boxOf(component), point))
      void setCenter((hit?.x ?? point.x) + 60, (hit?.y ?? point.y) + 32, { zoom: 1, duration: panMs() })
      if (hit) select([hit.id])
      return
    }
    if (uiStore.getState().selecting) return select([...before.current])
    const reach = WIRE_REACH_PX / getZoom()
    const near = edgesRef.current
      .flatMap((edge) => (edge.data ? [{ edge, distance: distanceToRoute(point, edge.data.route) }] : []))
      .filter(({ distance }) => distance <= reach)
      .sort((a, b) => a.distance - b.distance)[0]?.edge
    closeSheet()
    select([])
    uiStore.setState({ connecting: null, wire: near ? [near.source, near.target] : null })
  }

  return {
    onNodeClick,
    onPaneClick,
    frame: {
      onPointerDownCapture: onPointerDown,
      onPointerMoveCapture: hold.move,
      onPointerUpCapture: hold.release,
      onPointerCancelCapture: hold.release,
      onClickCapture,
      onKeyDownCapture,
      onContextMenu,
    },
  }
}
