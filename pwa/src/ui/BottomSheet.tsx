/** A dialog that rises from the bottom edge, or on a phone held sideways comes in from the right; a finger pushes it away. */

import { Drawer } from '@base-ui/react/drawer'
import { type ReactNode, type RefObject, useState } from 'react'
import { useDismissableLayer } from '../navigation/useDismissableLayer'
import { Icon } from './Icon'
import './bottom-sheet.css'
import { useMedia } from './useMedia'

/** Where sheets are panels at the right edge: a phone held sideways, or folded so that it has two halves. */
const AT_THE_SIDE = '(min-width: 560px) and (max-height: 500px), (horizontal-viewport-segments: 2)'

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
  const [open, setOpen] = useState(true)
  const atTheSide = useMedia(AT_THE_SIDE)
  const onOpenChange = (opening: boolean, { reason }: Drawer.Root.ChangeEventDetails) => {
    if (opening) return
    // what a finger has pushed away first leaves the screen
    if (reason === 'swipe') setOpen(false)
    else onClose()
  }
  return (
    <Drawer.Root
      open={open}
      modal={!beside}
      disablePointerDismissal={beside}
      swipeDirection={atTheSide ? 'right' : 'down'}
      onOpenChange={onOpenChange}
      onOpenChangeComplete={(opened) => !opened && onClose()}
    >
      <Drawer.Portal>
        {!beside && <Drawer.Backdrop className="scrim" />}
        <Drawer.Viewport className="sheet-place">
          <Drawer.Popup
            className="bottom-sheet"
            data-beside={beside || undefined}
            data-full={full || undefined}
            data-kind={kind}
            initialFocus={focus}
          >
            <div className="sheet-head">
              <span className="sheet-handle" aria-hidden="true" />
              {kind !== undefined && <span className="kind-dot" data-kind={kind} />}
              <div className="sheet-words">
                <Drawer.Title className="sheet-title" data-no-terms>
                  {title}
                </Drawer.Title>
                {note && <p className="sheet-note">{note}</p>}
              </div>
              <Drawer.Close className="button" data-look="bare" data-square aria-label="Close">
                <Icon name="close" />
              </Drawer.Close>
            </div>
            <Drawer.Content className="sheet-body">{children}</Drawer.Content>
            {foot && <div className="sheet-foot">{foot}</div>}
          </Drawer.Popup>
        </Drawer.Viewport>
      </Drawer.Portal>
    </Drawer.Root>
  )
}
