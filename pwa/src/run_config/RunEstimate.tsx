/** Before a run: how long, what for, what that would take, and every setting. */

import { useEffect } from 'react'
import { useStore } from 'zustand'
import { documentStore } from '../document/store'
import { validationStore } from '../editor/validation'
import type { Forecast, Machine } from '../generated/wire'
import { followForecast, forecastStore, serverWords } from '../runs/forecast'
import { choiceStore, chosenOf, configOf, plainOffers, recipeOf, recommendationFor, wholeMinibatch } from '../runs/run_config'
import { byteWords, duration, exactly, plural, roughly } from '../ui/numbers'
import './outlook.css'
import { RecipeChoice } from './RecipeChoice'
import { RunSettings } from './RunSettings'

export function RunEstimate() {
  useEffect(followForecast, [])
  const { machine, offers, forecast, forDesign, partial, algorithm } = useStore(forecastStore)
  const choice = useStore(choiceStore)
  const design = useStore(documentStore, (state) => state.design)
  const flops = useStore(validationStore, ({ result }) => result?.flops)
  if (!design) return null
  const isEstimated = forDesign?.id === design.id && algorithm === choice.algorithm
  const offered = isEstimated ? offers : plainOffers(choice.algorithm)
  const needs = isEstimated && !partial ? forecast : null
  return (
    <section className="outlook" aria-label="Before a run">
      <RecipeChoice offers={offered} where={serverWords(machine)} recommendation={flops ? recommendationFor(flops) : undefined} />
      <Outlook forecast={needs} machine={machine} moves={configOf(offered, choice).total_steps ?? 0} />
      <RunSettings settings={chosenOf(offered, choice).config} moves={recipeOf(offered, choice).config.total_steps}>
        {needs && <Needs forecast={needs} machine={machine} minibatch={wholeMinibatch(configOf(offered, choice))} />}
      </RunSettings>
    </section>
  )
}

interface OutlookProps {
  /** null where there is none yet */
  forecast: Forecast | null
  machine: Machine | null
  moves: number
}

/** What the run would take, in one line. */
function Outlook({ forecast, machine, moves }: OutlookProps) {
  if (!forecast) return <p className="outlook-line">{roughly(moves)} moves</p>
  const { seconds, fits, training_bytes: bytes } = forecast
  const time = seconds === null ? 'Time not measured yet' : `About ${duration(seconds)}`
  return (
    <p className="outlook-line" data-bad={fits === false || undefined}>
      <b>{time}</b> for {roughly(moves)} moves, and {byteWords(bytes)} of memory {serverWords(machine)}
      {fits === false && ': more than it has for a run'}
    </p>
  )
}

interface NeedsProps {
  forecast: Forecast
  /** null where no server was ever reached */
  machine: Machine | null
  /** the boards of a minibatch: more are never computed at once */
  minibatch: number
}

function Needs({ forecast, machine, minibatch }: NeedsProps) {
  const most = forecast.largest_microbatch
  return (
    <dl>
      <Memory forecast={forecast} machine={machine} />
      {most !== null && (
        <div>
          <dt>
            Boards that fit<small>{boundWords(most, minibatch)}</small>
          </dt>
          <dd>{exactly(most)}</dd>
        </div>
      )}
    </dl>
  )
}

const boundWords = (most: number, minibatch: number): string =>
  most >= minibatch ? 'a whole minibatch at once, in its memory' : 'at once, in its memory'

function Memory({ forecast: { training_bytes: bytes, fits }, machine }: { forecast: Forecast; machine: Machine | null }) {
  if (!machine) {
    return (
      <div>
        <dt>
          Memory<small>whether it fits is shown once you reach a server</small>
        </dt>
        <dd>{byteWords(bytes)}</dd>
      </div>
    )
  }
  const most = machine.run_memory_bytes ?? machine.memory_bytes
  return (
    <div data-bad={fits === false || undefined}>
      <dt>
        Memory
        <small>
          {fits === false ? 'more than the server has for a run: ' : 'for a run the server has '}
          {byteWords(most)} and {plural(machine.cores, 'core')}
        </small>
      </dt>
      <dd>{byteWords(bytes)}</dd>
      <span className="share-bar" aria-hidden="true">
        <i style={{ width: `${Math.min(100, (100 * bytes) / most)}%` }} />
      </span>
    </div>
  )
}
