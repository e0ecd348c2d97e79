/** The memory of the run that would be started, as on the Train screen. */

import { useEffect } from 'react'
import { useStore } from 'zustand'
import { validationStore } from '../editor/validation'
import { followForecast, forecastStore, memoryToTrain } from '../runs/forecast'
import { byteWords } from '../ui/numbers'

export function MemoryToTrain() {
  useEffect(followForecast, [])
  const validation = useStore(validationStore)
  const estimate = memoryToTrain(validation, useStore(forecastStore))
  return estimate && byteWords(estimate.memory.training)
}
