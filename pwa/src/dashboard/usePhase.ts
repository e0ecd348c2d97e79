/** The phase of a run as it is shown: saving mostly takes a moment, and words that flash by cannot be read. */

import { useEffect, useState } from 'react'
import type { RunPhase } from '../runs/labels'

export const SAVING_MS = 1000

type Phase = RunPhase | null | undefined

export function usePhase(phase: Phase): Phase {
  const [displayed, setDisplayed] = useState(phase)
  useEffect(() => {
    if (phase !== 'saving') return setDisplayed(phase)
    const timer = setTimeout(() => setDisplayed(phase), SAVING_MS)
    return () => clearTimeout(timer)
  }, [phase])
  return phase === 'saving' ? displayed : phase
}
