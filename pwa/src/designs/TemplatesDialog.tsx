/** The dialog "New design": the gallery of templates, and files. */

import { closeSheet } from '../editor/ui_state'
import { BottomSheet } from '../ui/BottomSheet'
import { Gallery } from './Gallery'
import { OpenFile } from './OpenFile'

export function TemplatesDialog() {
  return (
    <BottomSheet title="New design" note="Every template is valid as it is." onClose={closeSheet}>
      <OpenFile />
      <Gallery />
    </BottomSheet>
  )
}
