/** A dialog that rises from the bottom edge; what it holds is up to its children. */

import { Dialog } from '@base-ui/react/dialog'
import type { ReactNode, RefObject } from 'react'
import { useDismissableLayer } from '../navigation/useDismissableLayer'
import { Icon } from './Icon'
import './bottom-sheet.css'

interface Props {
  title: ReactNode
  /** a second line under the title */
  note?: ReactNode
  /** the colour of the block it is about */
  kind?: number
  /** whether the rest of the screen stays in use beside it */
  beside?: boolean
  /** whether it always has the height of the screen */
  full?: boolean
  /** what stays in sight below the content, such as its buttons */
  foot?: ReactNode
  /** what has the focus first; its first control otherwise */
  focus?: RefObject<HTMLElement | null>
  onClose: () => void
  children: ReactNode
}

export function BottomSheet({ title, note, kind, beside = false, full = false, foot, focus, onClose, children }: Props) {
  useDismissableLayer(onClose)
  return (
    <Dialog.Root open modal={!beside} disablePointerDismissal={beside} onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        {!beside && <Dialog.Backdrop className="scrim" />}
        <Dialog.Popup
          className="bottom-sheet"
          data-beside={beside || undefined}
          data-full={full || undefined}
          data-kind={kind}
          initialFocus={focus}
        >
          <div className="sheet-head">
            {kind !== undefined && <span className="kind-dot" data-kind={kind} />}
            <div className="sheet-words">
              <Dialog.Title className="sheet-title">{title}</Dialog.Title>
              {note && <p className="sheet-note">{note}</p>}
            </div>
            <Dialog.Close className="button" data-look="bare" data-square aria-label="Close">
              <Icon name="close" />
            </Dialog.Close>
          </div>
          <div className="sheet-body">{children}</div>
          {foot && <div className="sheet-foot">{foot}</div>}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
