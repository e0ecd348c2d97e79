/** The answer of the person to the question of telemetry. */

import { showToast } from '../ui/toasts'
import { giveConsent } from './consent'

/** Store an answer, and say so where that fails. */
export async function answer(yes: boolean): Promise<void> {
  await giveConsent(yes).catch(() => showToast('This phone could not store it. Nothing has changed.', { tone: 'bad' }))
}
