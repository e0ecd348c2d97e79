/** Drawing edges on the canvas, by drag or by two taps on ports; a refused one says why. */

import { type Connection, type Edge, type FinalConnectionState, type OnConnectStartParams, useStoreApi } from '@xyflow/react'
import { useCallback, useEffect, useRef } from 'react'
import { useStore } from 'zustand'
import { edgeRefusal } from '../document/edge_rules'
import { problemText } from '../document/messages'
import { documentStore } from '../document/store'
import { connectBlocks } from '../editor/actions'
import { watchTargets } from '../editor/connection_targets'
import { uiStore } from '../editor/ui_state'
import { vibrate } from '../ui/haptics'
import { showToast } from '../ui/toasts'

function connectOrExplain(source: string, target: string): void {
  const refusal = edgeRefusal(documentStore.getState().design, source, target)
  if (!refusal) void connectBlocks(source, target)
  else {
    vibrate('refuse')
    showToast(problemText(refusal), { tone: 'bad' })
  }
}

/** The block an edge was dropped on, wherever on it; React Flow itself looks for a port nearby. */
function blockUnder(event: MouseEvent | TouchEvent): string | undefined {
  const at = 'changedTouches' in event ? event.changedTouches[0] : event
  const found = at && document.elementFromPoint(at.clientX, at.clientY)?.closest<HTMLElement>('.react-flow__node')
  return found?.dataset.id
}

/** The touch was cancelled: whatever React Flow reports next was not meant. */
let cancelled = false

export function useConnecting() {
  const flowStore = useStoreApi()
  const connecting = useStore(uiStore, (state) => state.connecting)
  const was = useRef<string | null>(null)

  useEffect(() => {
    if (was.current && !connecting) flowStore.setState({ connectionClickStartHandle: null })
    was.current = connecting
  }, [connecting, flowStore])

  useEffect(watchTargets, [])

  useEffect(() => {
    const onCancel = () => {
      cancelled = true
      document.dispatchEvent(new MouseEvent('mouseup', { clientX: -1e4, clientY: -1e4 }))
      setTimeout(() => {
        cancelled = false
      })
    }
    window.addEventListener('touchcancel', onCancel, true)
    return () => window.removeEventListener('touchcancel', onCancel, true)
  }, [])

  return {
    isValid: useCallback(
      ({ source, target }: Edge | Connection) => edgeRefusal(documentStore.getState().design, source, target) === undefined,
      [],
    ),
    onConnect: useCallback(({ source, target }: Connection) => {
      uiStore.setState({ connecting: null })
      if (!cancelled) void connectBlocks(source, target)
    }, []),
    onConnectEnd: useCallback((event: MouseEvent | TouchEvent, state: FinalConnectionState) => {
      const one = state.fromHandle?.nodeId
      const other = blockUnder(event) ?? state.toNode?.id
      if (cancelled || state.isValid || !one || !other || one === other) return
      uiStore.setState({ connecting: null })
      const [source, target] = state.fromHandle?.type === 'source' ? [one, other] : [other, one]
      connectOrExplain(source, target)
    }, []),
    onClickConnectStart: useCallback((_event: unknown, { nodeId, handleType }: OnConnectStartParams) => {
      if (handleType === 'source') uiStore.setState({ connecting: nodeId, wire: null })
    }, []),
    onClickConnectEnd: useCallback(() => uiStore.setState({ connecting: null }), []),
  }
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
