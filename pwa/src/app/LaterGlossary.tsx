/** The glossary, whose code is loaded once the app is at rest; without it words are not explained, and everything else works. */

import { type ComponentType, useEffect, useState } from 'react'

/** After the first screen and the start of Python. */
const AT_REST_MS = 3000

// a handler chained to `import()` itself would not see a stylesheet that fails to load
const load = () => import('../help/Glossary')

export function LaterGlossary() {
  const [Glossary, setGlossary] = useState<ComponentType>()
  useEffect(() => {
    let left = false
    const show = () =>
      load().then(
        (loaded) => left || setGlossary(() => loaded.Glossary),
        () => {
          // an update has removed the file, or there is no network yet: the next start has it
        },
      )
    const timer = setTimeout(show, AT_REST_MS)
    return () => {
      left = true
      clearTimeout(timer)
    }
  }, [])
  return Glossary ? <Glossary /> : null
}
