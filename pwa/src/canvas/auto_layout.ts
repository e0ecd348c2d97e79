/** Asks a worker, opened for the one question, where every block should stand. */

import type { Place } from '../document/commands'
import type { ModelArchitecture } from '../generated/wire'

export async function computeLayout(design: ModelArchitecture): Promise<Place[]> {
  const worker = new Worker(new URL('./layout.worker.ts', import.meta.url), { type: 'module', name: 'layout' })
  return new Promise<Place[]>((resolve, reject) => {
    worker.onmessage = (event: MessageEvent<Place[]>) => resolve(event.data)
    worker.onerror = (event) => reject(new Error(event.message || 'the layout could not be worked out'))
    worker.postMessage(design)
  }).finally(() => worker.terminate())
}
