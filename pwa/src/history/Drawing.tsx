/** A small drawing of a version: what it has, and what it lacks or has otherwise than another one. */

import { kindIndex } from '../document/catalogue'
import { BLOCK_HEIGHT, BLOCK_WIDTH, bottomOf, boundsOf, topOf } from '../document/geometry'
import { namesOf } from '../document/names'
import type { Component, DesignDifference, ModelArchitecture } from '../generated/wire'
import { drawn, marksOf } from './difference_marks'

const SCALE = 0.62
const MARGIN = 16
const NO_MARKS = new Map<string, 'added' | 'removed' | 'changed'>()

interface Props {
  version: ModelArchitecture
  /** with what it is compared, and the difference from there to the version */
  compared: { with: ModelArchitecture; difference: DesignDifference } | undefined
  label?: string
}

export function Drawing({ version, compared, label = 'Drawing of this version' }: Props) {
  const components = drawn(version, compared?.with)
  const { x, y, width, height } = boundsOf(components)
  const marks = compared ? marksOf(compared.difference, compared.with, version) : NO_MARKS
  const size = { width: (width + 2 * MARGIN) * SCALE, height: (height + 2 * MARGIN) * SCALE }
  const names = new Map([...namesOf(compared?.with ?? version), ...namesOf(version)])
  return (
    <div className="drawing">
      <svg
        role="img"
        aria-label={label}
        {...size}
        viewBox={`${x - MARGIN} ${y - MARGIN} ${width + 2 * MARGIN} ${height + 2 * MARGIN}`}
      >
        <Wires components={components} version={version} difference={compared?.difference} />
        {components.map((component) => (
          <g key={component.id} data-kind={kindIndex(component.type)} data-mark={marks.get(component.id)}>
            <rect x={component.x} y={component.y} width={BLOCK_WIDTH} height={BLOCK_HEIGHT} rx="12" />
            <rect className="drawing-kind" x={component.x} y={component.y + 12} width="7" height={BLOCK_HEIGHT - 24} rx="3" />
            <foreignObject x={component.x} y={component.y} width={BLOCK_WIDTH} height={BLOCK_HEIGHT}>
              <div className="drawing-name">{names.get(component.id)}</div>
            </foreignObject>
          </g>
        ))}
      </svg>
    </div>
  )
}

interface WiresProps {
  components: Component[]
  version: ModelArchitecture
  difference: DesignDifference | undefined
}

function Wires({ components, version, difference }: WiresProps) {
  const placed = new Map(components.map((component) => [component.id, component]))
  const added = new Set(difference?.wires_added.map((edge) => edge.join(' ')))
  const edges = [
    ...version.edges.map((edge) => ({ edge, mark: added.has(edge.join(' ')) ? 'added' : undefined })),
    ...(difference?.wires_removed ?? []).map((edge) => ({ edge, mark: 'removed' })),
  ]
  return edges.map(({ edge: [source, target], mark }) => {
    const [from, to] = [placed.get(source), placed.get(target)]
    if (!from || !to) return null
    const [a, b] = [bottomOf(from), topOf(to)]
    return <path key={`${source} ${target}`} data-mark={mark} d={`M${a.x},${a.y}L${b.x},${b.y}`} />
  })
}
