/** An edge on the canvas: a single path, along its route, or straight while a block at its end is being dragged. */

import type { EdgeProps } from '@xyflow/react'
import { memo } from 'react'
import { PORT, type WireEdge } from './flow'
import { direct } from './route'

export const Wire = memo(function Wire({ sourceX, sourceY, targetX, targetY, data }: EdgeProps<WireEdge>) {
  const from = { x: sourceX, y: sourceY - PORT / 2 }
  const to = { x: targetX, y: targetY + PORT / 2 }
  const [ax, ay, bx, by] = data?.ends ?? [0, 0, 0, 0]
  const still = near(from.x, ax) && near(from.y, ay) && near(to.x, bx) && near(to.y, by)
  const path = still && data ? data.route.path : direct(from, to).path
  return <path className="wire" data-picked={data?.picked || undefined} d={path} />
})

const near = (a: number, b: number): boolean => Math.abs(a - b) < 3
