/** Before a run: how long, what it learns, what that would take, and every setting. */

import { useEffect } from 'react'
import { useStore } from 'zustand'
import { documentStore } from '../document/store'
import type { Forecast, Machine } from '../generated/wire'
import { followForecast, forecastStore, serverWords } from '../runs/forecast'
import { choiceStore, chosenOf, configOf, isChanged, plainOffers, recipeOf, wholeMinibatch } from '../runs/run_config'
import { byteWords, duration, exactly, plural } from '../ui/numbers'
import './outlook.css'
import { RecipeChoice } from './RecipeChoice'
import { RunSettings } from './RunSettings'

export function RunEstimate() {
  useEffect(followForecast, [])
  const { machine, offers, forecast, forDesign, partial } = useStore(forecastStore)
  const choice = useStore(choiceStore)
  const design = useStore(documentStore, (state) => state.design)
  if (!design) return null
  const isEstimated = forDesign?.id === design.id
  const offered = isEstimated ? offers : plainOffers(choice.algorithm)
  return (
    <section className="panel outlook" aria-label="Before a run">
      <RecipeChoice offers={offered} where={serverWords(machine)} />
      {isEstimated && forecast && !partial && (
        <Needs
          forecast={forecast}
          machine={machine}
          changed={isChanged(choice)}
          minibatch={wholeMinibatch(configOf(offered, choice))}
        />
      )}
      <RunSettings settings={chosenOf(offered, choice).config} moves={recipeOf(offered, choice).config.total_steps} />
    </section>
  )
}

interface NeedsProps {
  forecast: Forecast
  /** null where no server was ever reached */
  machine: Machine | null
  /** whether the time is not the recipe's */
  changed: boolean
  /** the boards of a minibatch: more are never computed at once */
  minibatch: number
}

function Needs({ forecast, machine, changed, minibatch }: NeedsProps) {
  const most = forecast.largest_microbatch
  return (
    <div>
      <h2>A run would take, {serverWords(machine)}</h2>
      <dl>
        {(changed || forecast.seconds === null) && <Time seconds={forecast.seconds} />}
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
    </div>
  )
}

const boundWords = (most: number, minibatch: number): string =>
  most >= minibatch ? 'a whole minibatch at once, in its memory' : 'at once, in its memory'

function Time({ seconds }: { seconds: number | null }) {
  return (
    <div>
      <dt>
        Time<small>all its moves</small>
      </dt>
      <dd>{seconds === null ? <span className="quiet">not measured yet</span> : `about ${duration(seconds)}`}</dd>
    </div>
  )
}

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
