/** The palette: every block of the catalogue, by kind; a tap adds one. */

import { addBlock } from '../app/actions'
import { showDrawing } from '../app/place'
import { closeSheet } from '../app/ui'
import { blockKinds, blockOf, kindIndex, nameOf } from '../document/catalogue'
import { findComponent } from '../document/steps'
import { documentStore } from '../document/store'
import { BottomSheet } from './BottomSheet'
import './palette.css'

export function Palette({ after }: { after: string | null }) {
  const { design } = documentStore.getState()
  const anchor = after && design ? findComponent(design, after) : undefined
  const choose = (type: string) => {
    closeSheet()
    void addBlock(type, after)
    showDrawing()
  }
  return (
    <BottomSheet title="Blocks" note={anchor ? `Goes in after ${nameOf(anchor)}` : 'Goes in where it fits'} onClose={closeSheet}>
      <ul className="palette">
        {blockKinds.map(({ type, title, summary }) => (
          <li key={type}>
            <button
              type="button"
              className="palette-block"
              data-kind={kindIndex(type)}
              aria-label={title}
              aria-describedby={`summary-${type}`}
              onClick={() => choose(type)}
            >
              <span className="palette-title">{title}</span>
              <span className="palette-summary" id={`summary-${type}`}>
                {summary}
              </span>
              {blockOf(type)?.training_only && <span className="tag">while learning only</span>}
            </button>
          </li>
        ))}
      </ul>
    </BottomSheet>
  )
}
