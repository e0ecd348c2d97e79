/** How all charts of the screen are drawn: what the horizontal axis counts, and whether lines are smoothed. */

import { useStore } from 'zustand'
import { changeChartView, chartViewStore } from '../runs/chart_view'
import type { ChartAxis } from '../runs/run_history'
import './chart-controls.css'

const AXES: readonly [ChartAxis, string][] = [
  ['moves', 'Moves'],
  ['minutes', 'Minutes'],
]

export function ChartControls() {
  const { axis, smooth } = useStore(chartViewStore)
  return (
    <div className="chart-controls">
      <fieldset aria-label="Horizontal axis">
        {AXES.map(([name, title]) => (
          <label key={name}>
            <input type="radio" name="chart-axis" checked={axis === name} onChange={() => changeChartView({ axis: name })} />
            {title}
          </label>
        ))}
      </fieldset>
      <label>
        <input type="checkbox" checked={smooth} onChange={() => changeChartView({ smooth: !smooth })} />
        Smooth
      </label>
    </div>
  )
}

/** What a chart's horizontal axis is called, and a place on it as text. */
export const axisTitle = (axis: ChartAxis): string => (axis === 'moves' ? 'Moves' : 'Minutes trained')
