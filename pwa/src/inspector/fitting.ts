/** Which blocks fit at one place of the open design, asked of Python while the palette is open. */

import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { documentStore } from '../document/store'
import { fittingBlocks, pythonState } from '../python/client'

/**
 * The types that fit around `near`, or on its edge to `target`; with null for `near`, anywhere in the whole design.
 *
 * Undefined in a container without a place, and while Python cannot answer. A change of the design keeps the last answer until
 * the next one arrives, so that the list does not jump twice.
 */
export function useFitting(near: string | null, target: string | undefined): ReadonlySet<string> | undefined {
  const design = useStore(documentStore, (state) => state.design)
  const inside = useStore(documentStore, (state) => state.inside)
  const ready = useStore(pythonState, ({ status }) => status === 'ready')
  const [fitting, setFitting] = useState<ReadonlySet<string>>()
  useEffect(() => {
    if (!design || !ready || (near === null && inside !== null)) {
      setFitting(undefined)
      return
    }
    const asking = new AbortController()
    fittingBlocks(JSON.stringify(design), near, target, asking.signal)
      .then((types) => setFitting(new Set(types)))
      .catch(() => {
        // the palette works without: nothing is marked
      })
    return () => asking.abort()
  }, [design, near, target, ready, inside])
  return fitting
}
