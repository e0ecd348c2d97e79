/** What Play takes on this phone, and what is fetched by itself. */

import { OnThisPhone } from '../networks_screen/OnThisPhone'
import { BottomSheet } from '../ui/BottomSheet'
import { openSheet } from './play_state'

export function PhoneSheet() {
  return (
    <BottomSheet title="On this phone" onClose={() => openSheet(null)}>
      <OnThisPhone />
    </BottomSheet>
  )
}
