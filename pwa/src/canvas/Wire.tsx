/** An edge on the canvas: a single path, along its route, or straight while a block at its end is being dragged. */

import type { EdgeProps } from '@xyflow/react'
import { memo, useState } from 'react'
import { PORT, type WireEdge } from './flow'
import { isNewWire } from './grown_wires'
import { direct } from './route'

export const Wire = memo(function Wire({ id, sourceX, sourceY, targetX, targetY, data }: EdgeProps<WireEdge>) {
  const [grows] = useState(() => isNewWire(id))
  const from = { x: sourceX, y: sourceY - PORT / 2 }
  const to = { x: targetX, y: targetY + PORT / 2 }
  const [ax, ay, bx, by] = data?.ends ?? [0, 0, 0, 0]
  const still = near(from.x, ax) && near(from.y, ay) && near(to.x, bx) && near(to.y, by)
  const path = still && data ? data.route.path : direct(from, to).path
  // only on new wires, since browsers measure the path for `pathLength`
  const growth = grows ? { 'data-grows': true, pathLength: 1 } : {}
  return <path className="wire" data-picked={data?.picked || undefined} d={path} {...growth} />
})

const near = (a: number, b: number): boolean => Math.abs(a - b) < 3
