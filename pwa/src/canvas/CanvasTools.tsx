/** The two buttons of the canvas: fit the view, and auto layout. */

import { useReactFlow } from '@xyflow/react'
import { moveComponents } from '../document/commands'
import { wholeView } from '../document/geometry'
import { commit, documentStore, openLevel } from '../document/store'
import { reportEdit } from '../editor/actions'
import { Icon } from '../ui/Icon'
import { showToast } from '../ui/toasts'
import { computeLayout } from './auto_layout'
import { labelsStore } from './labels'
import { panMs } from './useViewport'
import { heightAboveCard } from './visible_area'

const FARTHEST = 0.05
const GLIDE_MS = 320

/** Let the blocks move to their new places where they can be seen on their way. */
function glide(frame: HTMLElement | null): void {
  if (!frame) return
  frame.dataset.gliding = ''
  setTimeout(() => delete frame.dataset.gliding, GLIDE_MS)
}

export function CanvasTools() {
  const { setViewport } = useReactFlow()
  const showAll = (element: HTMLElement) => {
    const design = openLevel(documentStore.getState())
    const frame = element.closest<HTMLElement>('.canvas')
    if (!design || !frame) return
    const { boxes } = labelsStore.getState()
    const view = wholeView(design.components, boxes, frame.clientWidth, heightAboveCard(frame), FARTHEST)
    void setViewport(view, { duration: panMs() })
  }
  const tidy = async (element: HTMLElement) => {
    const { design } = documentStore.getState()
    const level = openLevel(documentStore.getState())
    if (!design || !level) return
    const places = await computeLayout(level).catch(() => undefined)
    if (!places) {
      showToast('The layout could not be computed', { tone: 'bad' })
      return
    }
    if (documentStore.getState().design !== design) return
    glide(element.closest<HTMLElement>('.canvas'))
    commit({ ...moveComponents(design, { places }), summary: 'Laid out' })
    reportEdit('Laid out')
    showAll(element)
  }
  return (
    <div className="canvas-tools">
      <button
        type="button"
        className="button"
        data-square
        aria-label="Auto layout"
        onClick={(event) => void tidy(event.currentTarget)}
      >
        <Icon name="tidy" />
      </button>
      <button
        type="button"
        className="button"
        data-square
        aria-label="Fit view"
        onClick={(event) => showAll(event.currentTarget)}
      >
        <Icon name="fit" />
      </button>
    </div>
  )
}
