/** Opens the Train screen of a design with a certain run. */

import { goTo } from '../navigation/router'
import { showRun, trainStore } from './runs'

/** Show a run, whichever design is open now; the Train screen of its design shows it once that design is open. */
export function openRun({ id, design_id }: { id: string; design_id: string }): void {
  goTo({ screen: 'train', id: design_id })
  if (trainStore.getState().designId === design_id) return void choose(id)
  const stop = trainStore.subscribe(({ designId }) => {
    if (designId === null) return
    stop()
    if (designId === design_id) queueMicrotask(() => void choose(id))
  })
}

async function choose(id: string): Promise<void> {
  if (trainStore.getState().run?.id !== id) await showRun(id)
}
