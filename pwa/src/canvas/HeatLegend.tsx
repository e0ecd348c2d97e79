/** Says what the colours of the heat bars mean, while there are any. */

import { useStore } from 'zustand'
import { heatStore, RAMP } from '../runs/expert_heat'

const GRADIENT = `linear-gradient(90deg, ${RAMP.filter((_, index) => index % 4 === 0 || index === RAMP.length - 1).join(', ')})`

const SHARED = { cells: 'cells per expert', boards: 'boards per expert', both: 'work per expert' }
const IN_GAME = { ...SHARED, boards: 'the expert at work' }

export function HeatLegend() {
  const any = useStore(heatStore, (state) => Object.keys(state.experts).length > 0)
  const ofGame = useStore(heatStore, (state) => state.source === 'game')
  const of = useStore(heatStore, (state) => state.of)
  if (!any) return null
  if (ofGame) return <div className="heat-legend">{IN_GAME[of]}, in the game being played</div>
  return (
    <div className="heat-legend">
      <span>{SHARED[of]}</span>
      <i style={{ backgroundImage: GRADIENT }} />
      <span className="heat-scale">
        <small>none</small>
        <small>even</small>
        <small>double</small>
      </span>
    </div>
  )
}
