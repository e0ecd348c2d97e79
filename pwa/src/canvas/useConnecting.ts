/** Drawing edges on the canvas, by a drag from a port or by two taps; during the drag a hint shows where the edge would lead, or why it is refused. */

import { type Connection, type Edge, type FinalConnectionState, type OnConnectStartParams, useReactFlow } from '@xyflow/react'
import { type RefObject, useCallback, useEffect, useRef } from 'react'
import { edgeRefusal } from '../document/edge_rules'
import { problemText } from '../document/messages'
import { documentStore, openLevel } from '../document/store'
import { connectBlocks } from '../editor/actions'
import { targetsStore, watchTargets } from '../editor/connection_targets'
import { uiStore } from '../editor/ui_state'
import { vibrate } from '../ui/haptics'
import { showToast } from '../ui/toasts'
import { aimAt, aimStore, blockAt } from './drop_target'
import { hintPlace } from './menu_place'

function connectOrExplain(source: string, target: string): void {
  const refusal = edgeRefusal(documentStore.getState().design, source, target)
  if (!refusal) void connectBlocks(source, target)
  else {
    vibrate('refuse')
    showToast(problemText(refusal), { tone: 'bad' })
  }
}

interface Dragged {
  id: string
  from: 'source' | 'target'
}

const endsOf = ({ id, from }: Dragged, other: string): [string, string] => (from === 'source' ? [id, other] : [other, id])

/** The touch was cancelled: whatever React Flow reports next was not meant. */
let cancelled = false

export function useConnecting(frame: RefObject<HTMLDivElement | null>) {
  const { screenToFlowPosition, getZoom } = useReactFlow()
  const dragged = useRef<Dragged | null>(null)

  useEffect(watchTargets, [])
  useEffect(watchCancel, [])

  const aim = useCallback(
    (x: number, y: number) => {
      const { design } = documentStore.getState()
      const level = openLevel(documentStore.getState())
      if (!dragged.current || !design || !level) return
      const { id } = dragged.current
      const point = screenToFlowPosition({ x, y }, { snapToGrid: false })
      const found = blockAt(level.components, id, point, getZoom())
      const next = found ? aimAt(design, endsOf(dragged.current, found.id), found.id, targetsStore.getState().known) : null
      const { aim: before } = aimStore.getState()
      if (before?.id !== next?.id || before?.text !== next?.text) aimStore.setState({ aim: next })
    },
    [screenToFlowPosition, getZoom],
  )

  // Pointer events come before the touch events by which React Flow follows the finger.
  useEffect(() => {
    const follow = ({ clientX, clientY, isPrimary }: PointerEvent) => {
      if (!dragged.current || !isPrimary) return
      aim(clientX, clientY)
      placeHint(frame.current, clientX, clientY)
    }
    window.addEventListener('pointermove', follow, true)
    return () => window.removeEventListener('pointermove', follow, true)
  }, [aim, frame])

  return {
    /** React Flow lets the line end only where the hint says that it would. */
    isValid: useCallback(({ source, target }: Edge | Connection) => {
      const { aim } = aimStore.getState()
      if (!dragged.current || !aim || aim.refused) return false
      const [from, to] = endsOf(dragged.current, aim.id)
      return source === from && target === to
    }, []),
    onConnectStart: useCallback((_event: unknown, { nodeId, handleType }: OnConnectStartParams) => {
      if (!nodeId || !handleType) return
      dragged.current = { id: nodeId, from: handleType }
      uiStore.setState(handleType === 'source' ? { connecting: nodeId, dragging: true, wire: null } : { dragging: true })
    }, []),
    onConnectEnd: useCallback((_event: unknown, state: FinalConnectionState) => {
      const { aim } = aimStore.getState()
      const drawn = dragged.current
      dragged.current = null
      aimStore.setState({ aim: null })
      uiStore.setState({ dragging: false, connecting: null })
      if (cancelled || !drawn || !aim || state.fromHandle?.nodeId !== drawn.id) return
      connectOrExplain(...endsOf(drawn, aim.id))
    }, []),
  }
}

/** React Flow ignores a cancelled touch, and would go on drawing the line. */
function watchCancel(): () => void {
  const onCancel = () => {
    cancelled = true
    document.dispatchEvent(new MouseEvent('mouseup', { clientX: -1e4, clientY: -1e4 }))
    setTimeout(() => {
      cancelled = false
    })
  }
  window.addEventListener('touchcancel', onCancel, true)
  return () => window.removeEventListener('touchcancel', onCancel, true)
}

/** Keep the hint above the finger and on the canvas, without React. */
function placeHint(frame: HTMLElement | null, x: number, y: number): void {
  const hint = frame?.querySelector<HTMLElement>('.drag-hint')
  if (!frame || !hint) return
  const { left, top, width } = frame.getBoundingClientRect()
  const words = hint.firstElementChild?.getBoundingClientRect() ?? { width: 0, height: 0 }
  const place = hintPlace({ x: x - left, y: y - top }, words, width)
  hint.style.transform = `translate(${place.x}px, ${place.y}px)`
}

/** A tap on a whole block while an edge is being drawn; true when it was that. */
export function finishConnecting(target: string): boolean {
  const { connecting } = uiStore.getState()
  if (!connecting) return false
  uiStore.setState({ connecting: null })
  if (connecting === target) return true
  connectOrExplain(connecting, target)
  return true
}
