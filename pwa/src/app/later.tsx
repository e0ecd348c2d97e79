/** Components whose code is loaded when they are first shown, so that the first visit is small. */

import { type ComponentType, useEffect, useState } from 'react'

/**
 * A component of a module that is loaded when it is first shown; where that fails, `NotLoaded`, and it is tried again the next
 * time. In place of `lazy`: after a fallback React shows nothing for 300 ms, also where the code is there already.
 */
export function later<Props extends object, Module>(
  load: () => Promise<Module>,
  pick: (module: Module) => ComponentType<Props>,
  NotLoaded: ComponentType,
): ComponentType<Props> {
  const Failed = () => <NotLoaded />
  let loaded: ComponentType<Props> | undefined
  return function Later(props: Props) {
    const [Shown, setShown] = useState(() => loaded)
    useEffect(() => {
      if (loaded) return
      let left = false
      const show = (found: ComponentType<Props>) => left || setShown(() => found)
      load().then(
        (module) => {
          loaded = pick(module)
          show(loaded)
        },
        () => show(Failed),
      )
      return () => {
        left = true
      }
    }, [])
    return Shown ? <Shown {...props} /> : null
  }
}
