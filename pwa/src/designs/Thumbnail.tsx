/** A thumbnail of a design: its blocks in the colours of their kinds, its branches as lines. */

import { memo } from 'react'
import { MINIATURE_SIDE, miniatureOf } from '../document/miniature'
import type { ModelArchitecture } from '../generated/wire'
import './thumbnail.css'

export const Thumbnail = memo(function Thumbnail({ design }: { design: ModelArchitecture }) {
  const { wires, frames, kinds } = miniatureOf(design)
  return (
    <svg className="thumbnail" viewBox={`0 0 ${MINIATURE_SIDE} ${MINIATURE_SIDE}`} aria-hidden="true">
      <path className="thumbnail-wires" d={wires} />
      {frames && <path className="thumbnail-frames" d={frames} />}
      {kinds.map(([kind, path]) => (
        <path key={kind} data-kind={kind} d={path} />
      ))}
    </svg>
  )
})
