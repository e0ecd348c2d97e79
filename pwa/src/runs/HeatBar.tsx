/** The cells of a heat bar, one for each expert; their colours are written by `expert_heat.ts`, a dead expert has a hatched ground. */

import { memo, useMemo } from 'react'
import { useStore } from 'zustand'
import { heatBar, heatStore } from './expert_heat'

export const HeatBar = memo(function HeatBar({ id }: { id: string }) {
  const count = useStore(heatStore, (state) => state.experts[id] ?? 0)
  const dead = useStore(heatStore, (state) => state.dead[id])
  const ref = useMemo(() => heatBar(id), [id])
  if (count === 0) return null
  return (
    <div key={count} className="heat-bar" ref={ref} aria-hidden="true">
      {Array.from({ length: count }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an expert is its number
        <span key={index} data-dead={dead?.includes(index) || undefined}>
          <i />
          <b>{index + 1}</b>
        </span>
      ))}
    </div>
  )
})
