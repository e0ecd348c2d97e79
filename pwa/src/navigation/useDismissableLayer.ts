/** Connects a sheet, menu, dialog or mode to the system's Back and to Escape. */

import { useLayoutEffect, useRef } from 'react'
import { openLayer } from './layers'

/**
 * While the component is mounted and `open`, it is a layer: Back and Escape call `close` when it is the topmost.
 *
 * A link to another screen closes it too, unless it `stays`.
 */
export function useDismissableLayer(close: () => void, open = true, stays = false): void {
  const newest = useRef(close)
  newest.current = close
  useLayoutEffect(() => (open ? openLayer(() => newest.current(), stays) : undefined), [open, stays])
}
