// The app's canvas by itself, with a design that the benchmark gives it, and usage of experts that changes ten times a second.
import '../../pwa/src/ui/tokens.css'
import '../../pwa/src/ui/base.css'
import '../../pwa/src/app/app.css'
import { createElement } from 'react'
import { createRoot } from 'react-dom/client'
import { Canvas } from '../../pwa/src/canvas/Canvas'
import { documentStore, openDocument, select } from '../../pwa/src/document/store'
import { uiStore } from '../../pwa/src/editor/ui_state'
import { validationStore } from '../../pwa/src/editor/validation'
import { showUsage } from '../../pwa/src/runs/expert_heat'
import { startTheme } from '../../pwa/src/ui/theme'

startTheme()

const EXPERTS = 4
const HEAT_MS = 100
/** computed before they are shown, since in the app they arrive as messages */
const USAGES = 30
const root = createRoot(document.querySelector('main'))
let heating = 0

const interactions = []
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (entry.interactionId) interactions.push([entry.interactionId, entry.duration])
}).observe({ type: 'event', durationThreshold: 16 })

function usage(components, time) {
  const shares = (index) => Array.from({ length: EXPERTS }, (_, expert) => 1 + Math.sin(time / 300 + index + 2 * expert))
  return Object.fromEntries(
    components.map(({ id }, index) => {
      const parts = shares(index)
      const sum = parts.reduce((total, part) => total + part, 0)
      return [id, parts.map((part) => part / sum)]
    }),
  )
}

window.canvas = {
  /** Show a design; `known` is what a validation says of its blocks, or all are given the same. */
  open(design, known) {
    openDocument(design)
    const blocks = known ?? Object.fromEntries(
      design.components.map(({ id }) => [id, { parameters: 4096, active_parameters: 4096, flops: 65536, shape: '(B, 16, 64)' }]),
    )
    validationStore.setState({ forDesign: design, result: { valid: true, problems: [], warnings: [], blocks } })
    root.render(createElement(Canvas, { key: design.id }))
  },

  /** Let the usage of experts change, or stop that. */
  heat(on) {
    clearInterval(heating)
    const { components } = documentStore.getState().design
    if (!on) return showUsage({})
    const usages = Array.from({ length: USAGES }, (_, number) => usage(components, number * HEAT_MS))
    let next = 0
    heating = setInterval(() => showUsage(usages[next++ % USAGES]), HEAT_MS)
  },

  /** The zoom of the view. */
  zoom: () => Number(/scale\(([\d.]+)\)/.exec(document.querySelector('.react-flow__viewport').style.transform)?.[1]),

  /** Deselect everything. */
  clear() {
    select([])
    uiStore.setState({ sheet: null, wire: null, connecting: null })
  },

  /** The longest event of each interaction since the last call, in milliseconds; those below 16 are not reported. */
  interactions() {
    const longest = new Map()
    for (const [id, duration] of interactions) longest.set(id, Math.max(duration, longest.get(id) ?? 0))
    interactions.length = 0
    return [...longest.values()]
  },
}
