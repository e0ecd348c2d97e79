/** The stack of what lies open over a screen (sheets, menus, dialogs, modes): Back and Escape close the topmost first. */

interface Layer {
  close: () => void
}

const stack: Layer[] = []
const listeners = new Set<() => void>()

function publish(): void {
  for (const listener of [...listeners]) listener()
}

/** Register an open layer by what closes it; returns how to unregister it once it is closed, however that came about. */
export function openLayer(close: () => void): () => void {
  const layer = { close }
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

/** Hear when layers open or close; returns a function that stops this. */
export function onLayers(listener: () => void): () => void {
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
  }
}
