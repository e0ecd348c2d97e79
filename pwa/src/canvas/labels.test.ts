import { describe, expect, it } from 'vitest'
import { hasOutput } from '../document/catalogue'
import { moveComponents } from '../document/commands'
import { boxOf } from '../document/geometry'
import { levelOf } from '../document/inside'
import { templates } from '../document/templates'
import { sampleDesign } from '../document/test_designs'
import type { ModelArchitecture } from '../generated/wire'
import { routesOf as routesById } from './flow'
import { crosses, labelBox, placeLabels } from './labels'
import { autoLayout } from './layout'

/** As wide as shapes of the templates get. */
const SHAPE = '(B, 4, 4, 128)'

const routesOf = (level: ModelArchitecture) => [...routesById(level).values()]
const shapesOf = ({ components }: ModelArchitecture) =>
  new Map(components.filter(({ type }) => hasOutput(type)).map(({ id }) => [id, SHAPE]))

/** Each label that lies on a connection, a block or another label. */
function faultsOf(level: ModelArchitecture) {
  const routes = routesOf(level)
  const { labels, boxes } = placeLabels(level.components, routes, shapesOf(level))
  const overlap = (a: (typeof boxes)[0], b: (typeof boxes)[0]) =>
    a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
  const faults = boxes.flatMap((box, index) => [
    ...routes.filter(({ points }) => crosses(points, box)).map(() => `${index} on a connection`),
    ...level.components.filter((block) => overlap(box, boxOf(block))).map(({ id }) => `${index} on ${id}`),
    ...boxes.filter((other, at) => at > index && overlap(box, other)).map(() => `${index} on a label`),
  ])
  return { faults, labels }
}

describe('the label of an output shape', () => {
  it.each(templates.map((template) => [template.name, template] as const))(
    'covers nothing in %s, as it is and laid out',
    (_, template) => {
      const tidy = moveComponents(template, { places: autoLayout(template) }).design
      for (const level of [template, tidy].map((design) => levelOf(design, null))) expect(faultsOf(level).faults).toEqual([])
    },
  )

  it('has room beside every block that is laid out in a column', () => {
    const design = sampleDesign()
    const tidy = moveComponents(design, { places: autoLayout(design) }).design
    expect(faultsOf(tidy).labels.size).toBe(shapesOf(tidy).size)
  })

  it('goes to the left where a connection is on the right, and is left out where both sides are taken', () => {
    const [block] = sampleDesign().components
    if (!block) throw new Error('there is no block')
    const line = (side: 'right' | 'left') => {
      const { x, y, width } = labelBox(block, SHAPE, side)
      return {
        path: '',
        points: [
          { x: x + width / 2, y: y - 40 },
          { x: x + width / 2, y: y + 60 },
        ],
      }
    }
    const shapes = new Map([[block.id, SHAPE]])
    expect(placeLabels([block], [], shapes).labels.get(block.id)).toBe('right')
    expect(placeLabels([block], [line('right')], shapes).labels.get(block.id)).toBe('left')
    expect(placeLabels([block], [line('right'), line('left')], shapes).labels.size).toBe(0)
  })
})
