/** The first steps as a strip above the screen of a design: it covers nothing, takes no focus, and can be closed at any time. */

import { useEffect } from 'react'
import { useStore } from 'zustand'
import { documentStore } from '../document/store'
import { validationStore } from '../editor/validation'
import { useRoute } from '../navigation/router'
import { trainStore } from '../runs/runs'
import { Icon } from '../ui/Icon'
import './coach.css'
import { coachStore, dismissCoach, STEPS, type Step, stepDone } from './coach'

const WORDS: Record<Step, { title: string; text: string }> = {
  draw: { title: 'Draw', text: 'Tap + to add a block, tap a block to change it.' },
  train: { title: 'Train', text: 'Tap Train; it goes on while the app is closed.' },
  play: { title: 'Play', text: 'After some training, open Play to watch it.' },
}

export function CoachStrip() {
  const step = useStore(coachStore, (state) => state.step)
  return step && <Strip step={step} />
}

function Strip({ step }: { step: Step }) {
  useStepsDone()
  const route = useRoute()
  if (route.screen === 'play') return null
  const { title, text } = WORDS[step]
  const place = STEPS.indexOf(step) + 1
  return (
    <section className="coach" aria-label="First steps">
      <p role="status" aria-label="First step">
        <b>
          <span className="sr-only">Step </span>
          {place}
          <span className="sr-only"> of {STEPS.length}</span>
        </b>
        <span>
          <b>{title}.</b> {text}
        </span>
      </p>
      <button type="button" className="button" data-look="bare" onClick={() => stepDone(step)}>
        {place < STEPS.length ? 'Next' : 'Done'}
      </button>
      <button
        type="button"
        className="button"
        data-look="bare"
        data-square
        aria-label="Dismiss first steps"
        onClick={dismissCoach}
      >
        <Icon name="close" />
      </button>
    </section>
  )
}

/** What a person does by themselves ends a step as well. */
function useStepsDone(): void {
  const edited = useStore(documentStore, (state) => state.past.length > 0)
  const valid = useStore(validationStore, ({ result }) => result?.valid === true)
  const trains = useStore(trainStore, ({ run, command }) => run !== null || command !== undefined)
  const plays = useRoute().screen === 'play'
  useEffect(() => {
    if (edited && valid) stepDone('draw')
  }, [edited, valid])
  useEffect(() => {
    if (trains) stepDone('train')
  }, [trains])
  useEffect(() => {
    if (plays) stepDone('play')
  }, [plays])
}
