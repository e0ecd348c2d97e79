/** Uses the pairing code of the address while the app is still loading; the sheet is opened only where something is left to do. */

import { openSheet } from '../editor/ui_state'
import { pairEarly } from '../pairing/pairing'
import { showToast } from '../ui/toasts'
import { pairingCode } from './after_pairing'

const paired = pairEarly(pairingCode)
await (await import('./main')).shown
const device = await paired
if (device) showToast(`Paired as ${device.name}`)
else openSheet({ name: 'pair', code: pairingCode })
