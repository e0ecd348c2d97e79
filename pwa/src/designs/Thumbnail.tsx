/** A thumbnail of a design: its blocks in the colours of their kinds, its edges as lines. */

import { memo } from 'react'
import { kindIndex } from '../document/catalogue'
import { findComponent } from '../document/edits'
import { BLOCK_HEIGHT, BLOCK_WIDTH, bottomOf, boundsOf, topOf } from '../document/geometry'
import { levelOf } from '../document/inside'
import type { ModelArchitecture } from '../generated/wire'

const PADDING = 24
const MIN_SIDE = 560

export const Thumbnail = memo(function Thumbnail({ design: whole }: { design: ModelArchitecture }) {
  const design = levelOf(whole, null)
  const { x, y, width, height } = boundsOf(design.components)
  const side = Math.max(MIN_SIDE, width, height) + 2 * PADDING
  const left = x + width / 2 - side / 2
  const top = y + height / 2 - side / 2
  const edges = design.edges.map(([source, target]) => {
    const from = findComponent(design, source)
    const to = findComponent(design, target)
    if (!from || !to) return ''
    const [a, b] = [bottomOf(from), topOf(to)]
    return `M${a.x},${a.y}L${b.x},${b.y}`
  })
  return (
    <svg className="thumbnail" viewBox={`${left} ${top} ${side} ${side}`} aria-hidden="true">
      <path d={edges.join('')} />
      {design.components.map((component) => (
        <rect
          key={component.id}
          data-kind={kindIndex(component.type)}
          x={component.x}
          y={component.y}
          width={BLOCK_WIDTH}
          height={BLOCK_HEIGHT}
          rx="14"
        />
      ))}
    </svg>
  )
})
