/** Lazy components: their code is loaded when they are first shown, so that the first screen does not wait for it. */

import { type ComponentType, type FunctionComponent, useEffect, useState } from 'react'
import { useDismissableLayer } from '../navigation/useDismissableLayer'
import './later.css'

/** A lazy component; `preload` loads its code ahead. */
export type Later<Props> = FunctionComponent<Props> & { preload: () => Promise<void> }

/**
 * A lazy component: `pick` selects it from the module that `load` imports. `missing` is shown if the module cannot be loaded,
 * which happens after an update or before the app is stored for offline use. `load` must be a separate function around
 * `import()`: a handler chained to `import()` itself would miss a stylesheet that fails to load.
 *
 * `React.lazy` is not used, since `Suspense` shows loaded content only 300 ms after its fallback.
 */
export function later<Props extends object, Parts>(
  load: () => Promise<Parts>,
  pick: (parts: Parts) => ComponentType<Props>,
  missing: ComponentType<Props>,
): Later<Props> {
  let loaded: ComponentType<Props> | undefined
  const preload = async () => {
    loaded = pick(await load())
  }
  function LaterPart(props: Props) {
    const [Part, setPart] = useState(() => loaded)
    useEffect(() => {
      if (Part) return
      let left = false
      const show = (found: ComponentType<Props> | undefined) => left || setPart(() => found)
      preload().then(
        () => show(loaded),
        () => show(missing),
      )
      return () => {
        left = true
      }
    }, [Part])
    return Part ? <Part {...props} /> : null
  }
  return Object.assign(LaterPart, { preload })
}

/** Shown if the code of the screen `name` cannot be loaded, with a button that reloads the page. */
export function missingScreen(name: string): FunctionComponent {
  return () => (
    <div className="empty-place" role="status" aria-label={name}>
      <p>This screen could not be loaded. Your designs and runs are safe; reload the page to try again.</p>
      <Reload />
    </div>
  )
}

/** Shown if the code of a sheet cannot be loaded; `onClose` is called by its button, by Back and by Escape. */
export function MissingSheet({ onClose }: { onClose: () => void }) {
  useDismissableLayer(onClose)
  return (
    <section className="floating-card missing-sheet" role="alert" aria-label="Not loaded">
      <p>This part of the app could not be loaded. Your designs are safe; reload the page to try again.</p>
      <button type="button" className="button" data-look="bare" onClick={onClose}>
        Close
      </button>
      <Reload />
    </section>
  )
}

const Reload = () => (
  <button type="button" className="button" data-look="primary" onClick={() => location.reload()}>
    Reload
  </button>
)
