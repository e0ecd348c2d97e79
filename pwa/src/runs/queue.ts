/** The text that says what a queued run waits for. */

import type { Run } from '../generated/wire'
import { getDesign } from '../storage/designs'

/** "Waiting behind “Tiny MLP”"; `ahead` are the runs before it, the next one first. */
export async function queueWords(ahead: readonly Run[], designId: string): Promise<string> {
  const [first] = ahead
  if (!first) return 'Waiting for its turn'
  const more = ahead.length - 1
  const others = more === 0 ? '' : ` and ${more} more`
  if (first.design_id === designId) return `Waiting behind another run of this design${others}`
  const stored = await getDesign(first.design_id).catch(() => undefined)
  const name = stored?.work.name
  return `Waiting behind ${name ? `“${name}”` : 'a run of another design'}${others}`
}
