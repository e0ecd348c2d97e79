/** Stores what is typed into a field before the field, the document or the page is closed. */

import { useLayoutEffect, useRef } from 'react'
import { registerPending } from '../document/pending'

/** Call `commit` before the field is unmounted, the document is left or the page is hidden; `commit` must store nothing twice. */
export function usePendingEdit(commit: () => void): void {
  const newest = useRef(commit)
  newest.current = commit
  useLayoutEffect(() => {
    const commitNow = () => newest.current()
    const unregister = registerPending(commitNow)
    window.addEventListener('pagehide', commitNow)
    return () => {
      unregister()
      window.removeEventListener('pagehide', commitNow)
      commitNow()
    }
  }, [])
}
