/** Parts of the app whose code is loaded when they are first shown, so that the first screen does not wait for them. */

import { type ComponentType, type FunctionComponent, useEffect, useState } from 'react'
import { useDismissableLayer } from '../navigation/useDismissableLayer'
import './later.css'

/** A component whose code `preload` loads ahead. */
export type Later<Props> = FunctionComponent<Props> & { preload: () => Promise<void> }

/**
 * The component that `pick` finds in what `load` loads; `missing` stands in its place where that cannot be loaded, which happens
 * after an update or before the app is kept for offline use. `load` must be a function of its own around `import()`: a handler
 * chained to `import()` itself would not see a stylesheet that fails to load.
 *
 * Without `Suspense`, which shows what has been loaded only 300 ms after its fallback.
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

/** In the place of a screen: what is safe, and a button that reloads the page. `name` is that of the screen. */
export function missingScreen(name: string): FunctionComponent {
  return () => (
    <div className="empty-place" role="status" aria-label={name}>
      <p>This screen could not be loaded. Your designs and runs are safe; reload the page to try again.</p>
      <Reload />
    </div>
  )
}

/** In the place of a sheet; `onClose` is called by its button, by Back and by Escape. */
export function MissingSheet({ onClose }: { onClose: () => void }) {
  useDismissableLayer(onClose)
  return (
    <section className="missing-sheet" role="alert" aria-label="Not loaded">
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
