/** The stack of what lies open over a screen (sheets, menus, dialogs, modes): Back and Escape close the topmost first. */

interface Layer {
  close: () => void
  /** whether what it shows stays when another screen is opened, such as the selected block of a design */
  stays: boolean
}

const stack: Layer[] = []
const listeners = new Set<() => void>()

function publish(): void {
  for (const listener of [...listeners]) listener()
}

/** Register an open layer by what closes it; returns how to unregister it once it is closed, however that came about. */
export function openLayer(close: () => void, stays = false): () => void {
  const layer = { close, stays }
  stack.push(layer)
  publish()
  return () => {
    const place = stack.indexOf(layer)
    if (place < 0) return
    stack.splice(place, 1)
    publish()
  }
}

export const layerCount = (): number => stack.length

/** Close the topmost layers, the newest first, until `kept` are left. */
export function closeLayers(kept = 0): void {
  const closing = stack.splice(kept).reverse()
  for (const layer of closing) layer.close()
  if (closing.length > 0) publish()
}

/** Forget every layer because another screen is opened: all are closed but those that stay. */
export function leaveLayers(): void {
  const leaving = stack.splice(0).reverse()
  for (const layer of leaving) if (!layer.stays) layer.close()
  if (leaving.length > 0) publish()
}

/** Hear when layers open or close; returns a function that stops this. */
export function onLayers(listener: () => void): () => void {
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
  }
}
