/** When to ask whether the phone should be notified: once, after a tap has started a run that takes long. */

import { createStore } from 'zustand/vanilla'
import { persisted } from '../lib/persisted'

/** from how many seconds on nobody watches a run to its end */
export const LONG_S = 600

interface QuestionState {
  /** the design on whose Train screen it is asked; null where it is not */
  designId: string | null
  /** how long its run takes */
  seconds: number
}

export const questionStore = createStore<QuestionState>(() => ({ designId: null, seconds: 0 }))

const answered = persisted('model-studio-notifications-asked', (stored) => stored === true)

/** Call when a person has started a run; `seconds` is its expected duration, if known. */
export function askAfterStart(designId: string, seconds: number | undefined): void {
  if (seconds !== undefined && seconds >= LONG_S && !answered.read()) questionStore.setState({ designId, seconds })
}

/** The question was answered, whatever the answer is. */
export function noteAnswer(): void {
  answered.write(true)
  dropQuestion()
}

/** It cannot be asked here; another long run asks again. */
export const dropQuestion = (): void => questionStore.setState({ designId: null })
