/** The phase of a run as it is shown: saving mostly takes a moment, and words that flash by cannot be read. */

import { useEffect, useState } from 'react'
import type { RunPhase } from '../runs/labels'

export const SAVING_MS = 1000

type Phase = RunPhase | null | undefined

export function usePhase(phase: Phase): Phase {
  const [shown, setShown] = useState(phase)
  useEffect(() => {
    if (phase !== 'saving') return setShown(phase)
    const timer = setTimeout(() => setShown(phase), SAVING_MS)
    return () => clearTimeout(timer)
  }, [phase])
  return phase === 'saving' ? shown : phase
}
