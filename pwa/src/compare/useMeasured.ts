/** The sizes of the compared networks and the differences of their designs, as far as they are worked out. */

import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { pythonState } from '../python/client'
import { forecastStore } from '../runs/forecast'
import { AVERAGE_SERVER } from '../runs/run_config'
import type { Shown } from './CompareScreen'
import { type Measured, measure } from './sizes'

const NOTHING: Measured = { sizes: {}, differences: {} }

/** `trouble`: why they cannot be shown. */
export function useMeasured(shown: readonly Shown[]): { measured: Measured; trouble: string | undefined } {
  const [measured, setMeasured] = useState(NOTHING)
  const [trouble, setTrouble] = useState<string>()
  const status = useStore(pythonState, (state) => state.status)
  const machine = useStore(forecastStore, (state) => state.machine)
  // a run that trains gets a new record every second, with the same design
  const key = shown.map(({ record }) => `${record.run.id} ${record.design !== undefined}`).join(',')
  // biome-ignore lint/correctness/useExhaustiveDependencies: by `key` in place of `shown`
  useEffect(() => {
    let left = false
    const records = shown.map(({ record }) => record)
    if (status === 'failed') setTrouble('It can be shown once Python has started on this phone.')
    else
      measure(records, machine ?? AVERAGE_SERVER, setMeasured, () => left).then(
        () => left || setTrouble(undefined),
        () => left || setTrouble('It could not be worked out on this phone.'),
      )
    return () => {
      left = true
    }
  }, [key, status === 'failed', machine])
  return { measured, trouble }
}
