/** Which blocks fit at one place of the open design, asked of Python while the palette is open. */

import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { documentStore } from '../document/store'
import { fittingBlocks, pythonState } from '../python/client'

/** The types that fit around `near`, or on its edge to `target`; undefined without a place, and while nobody can say. */
export function useFitting(near: string | null, target: string | undefined): ReadonlySet<string> | undefined {
  const design = useStore(documentStore, (state) => state.design)
  const ready = useStore(pythonState, ({ status }) => status === 'ready')
  const [fitting, setFitting] = useState<ReadonlySet<string>>()
  useEffect(() => {
    setFitting(undefined)
    if (!design || !near || !ready) return
    const asking = new AbortController()
    fittingBlocks(JSON.stringify(design), near, target, asking.signal)
      .then((types) => setFitting(new Set(types)))
      .catch(() => {
        // the palette works without: nothing is marked
      })
    return () => asking.abort()
  }, [design, near, target, ready])
  return fitting
}
