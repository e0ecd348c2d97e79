/** The first steps: draw, train, play; how far a person is, remembered on this phone. */

import { createStore } from 'zustand/vanilla'
import { persisted } from '../lib/persisted'

export const STEPS = ['draw', 'train', 'play'] as const
export type Step = (typeof STEPS)[number]

interface CoachState {
  /** null once the steps are over or dismissed; undefined until it is known whether this is the first start */
  step: Step | null | undefined
}

const isStep = (stored: unknown): stored is Step => STEPS.includes(stored as Step)

const storedStep = persisted('model-studio-first-steps', (stored): CoachState['step'] =>
  stored === undefined ? undefined : isStep(stored) ? stored : null,
)

export const coachStore = createStore<CoachState>(() => ({ step: storedStep.read() }))

function show(step: Step | null): void {
  storedStep.write(step)
  coachStore.setState({ step })
}

/** Begin where the app is opened for the first time; who has designs already needs no steps. */
export function offerCoach(hasDesigns: boolean): void {
  if (coachStore.getState().step === undefined) show(hasDesigns ? null : STEPS[0])
}

/** Go on once a step is done, or a later one than is shown; an earlier one changes nothing. */
export function stepDone(step: Step): void {
  const shown = coachStore.getState().step
  if (!shown || STEPS.indexOf(shown) > STEPS.indexOf(step)) return
  show(STEPS[STEPS.indexOf(step) + 1] ?? null)
}

export const dismissCoach = (): void => show(null)

/** Begin again, as Help offers. */
export const repeatCoach = (): void => show(STEPS[0])
