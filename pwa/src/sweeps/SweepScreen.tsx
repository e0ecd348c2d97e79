/** The results of the variants of the open design: how the sweep stands, a plot, a table, and what can be done with the best run. */

import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { documentStore } from '../document/store'
import type { ModelArchitecture, Sweep, SweepTrial } from '../generated/wire'
import { sentenceFor } from '../lib/error_sentence'
import { goTo, hrefOf } from '../navigation/router'
import { showRun } from '../runs/runs'
import { Icon } from '../ui/Icon'
import { plural, roughly } from '../ui/numbers'
import { momentOf } from '../ui/times'
import { axisTitle, wordsOf } from './axes'
import { ParallelPlot } from './ParallelPlot'
import { progressOf, type Row, rowsOf, stateOf } from './results'
import { followSweeps, sweepStore } from './sweep_list'
import { stopSweep } from './sweeps_api'
import { takeOver } from './take_over'
import './sweep-screen.css'

export function SweepScreen() {
  const design = useStore(documentStore, (state) => state.design)
  const { sweeps, trouble } = useStore(sweepStore)
  const [id, setId] = useState<string>()
  const designId = design?.id
  useEffect(() => (designId === undefined ? undefined : followSweeps(designId)), [designId])
  if (!design) return null
  const shown = sweeps?.find((sweep) => sweep.id === id) ?? sweeps?.[0]
  return (
    <div className="sweep-screen">
      <div className="sweep-head">
        <h2>Variants</h2>
        <a className="button" href={hrefOf({ screen: 'train', id: design.id })}>
          <Icon name="back" /> Train
        </a>
      </div>
      {trouble && (
        <p className="sweep-note" role="alert">
          {trouble}
        </p>
      )}
      {sweeps?.length === 0 && (
        <p className="sweep-note" role="status">
          No variants yet. “Try variants” on the Train screen trains this design with several values and compares the scores.
        </p>
      )}
      {sweeps && sweeps.length > 1 && <Choice sweeps={sweeps} shown={shown} design={design} onChoose={setId} />}
      {shown && <Results key={shown.id} sweep={shown} design={design} />}
    </div>
  )
}

interface ChoiceProps {
  sweeps: readonly Sweep[]
  shown: Sweep | undefined
  design: ModelArchitecture
  onChoose: (id: string) => void
}

function Choice({ sweeps, shown, design, onChoose }: ChoiceProps) {
  return (
    <select
      className="control sweep-select"
      aria-label="Which variants"
      value={shown?.id}
      onChange={(event) => onChoose(event.target.value)}
    >
      {sweeps.map((sweep) => (
        <option key={sweep.id} value={sweep.id}>
          {momentOf(new Date(sweep.created_at))}: {sweep.spec.axes.map((axis) => axisTitle(axis, design)).join(', ')}
        </option>
      ))}
    </select>
  )
}

function Results({ sweep, design }: { sweep: Sweep; design: ModelArchitecture }) {
  const [chosen, setChosen] = useState<number>()
  const [trouble, setTrouble] = useState<string>()
  const attempt = (work: Promise<void>) => {
    setTrouble(undefined)
    work.catch((error: unknown) =>
      setTrouble(sentenceFor(error, { unreachable: 'The server cannot be reached. Try again when it is back.' })),
    )
  }
  const index = chosen ?? sweep.best ?? undefined
  const trial = index === undefined ? undefined : sweep.trials[index]
  return (
    <>
      <section className="panel" aria-label="State of the variants">
        <p role="status" aria-label="Variants">
          {progressOf(sweep)}
        </p>
        {sweep.left_out > 0 && (
          <p className="quiet">
            {plural(sweep.left_out, 'combination')} left out. {sweep.left_out_reason}
          </p>
        )}
        <ParallelPlot sweep={sweep} design={design} chosen={chosen} />
        {trouble && (
          <p className="sweep-note" role="alert">
            {trouble}
          </p>
        )}
        <div className="sweep-buttons">
          {sweep.status === 'running' && (
            <button type="button" className="button" onClick={() => attempt(stopSweep(sweep.id))}>
              <Icon name="stop" /> Stop all
            </button>
          )}
          {trial && index !== undefined && <TrialButtons sweep={sweep} trial={trial} number={index + 1} attempt={attempt} />}
        </div>
      </section>
      <Table sweep={sweep} design={design} chosen={index} onChoose={setChosen} />
    </>
  )
}

interface TrialButtonsProps {
  sweep: Sweep
  trial: SweepTrial
  number: number
  attempt: (work: Promise<void>) => void
}

/** What can be done with the chosen run, which is the best one at first. */
function TrialButtons({ sweep, trial, number, attempt }: TrialButtonsProps) {
  const hasRun = trial.steps > 0
  const open = async () => {
    goTo({ screen: 'train', id: sweep.design_id })
    await showRun(trial.run_id)
  }
  return (
    <>
      <button type="button" className="button" disabled={!hasRun} onClick={() => attempt(open())}>
        <Icon name="chart" /> Show run {number}
      </button>
      <button
        type="button"
        className="button"
        data-look="primary"
        disabled={!hasRun}
        onClick={() => attempt(takeOver(sweep, trial))}
      >
        Make this my design
      </button>
    </>
  )
}

interface TableProps {
  sweep: Sweep
  design: ModelArchitecture
  chosen: number | undefined
  onChoose: (index: number) => void
}

function Table({ sweep, design, chosen, onChoose }: TableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways is reached by the keyboard
    <section className="panel sweep-table" aria-label="Runs" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Run</th>
            {sweep.spec.axes.map((axis) => (
              <th scope="col" key={`${axis.component_id} ${axis.name}`}>
                {axisTitle(axis, design)}
              </th>
            ))}
            <th scope="col">Score</th>
            <th scope="col">Moves</th>
            <th scope="col">State</th>
          </tr>
        </thead>
        <tbody>
          {rowsOf(sweep).map((row) => (
            <TableRow key={row.trial.run_id} row={row} isChosen={row.number - 1 === chosen} onChoose={onChoose} />
          ))}
        </tbody>
      </table>
    </section>
  )
}

interface TableRowProps {
  row: Row
  isChosen: boolean
  onChoose: (index: number) => void
}

function TableRow({ row: { number, trial, best }, isChosen, onChoose }: TableRowProps) {
  return (
    <tr data-best={best || undefined} data-chosen={isChosen || undefined}>
      <th scope="row">
        <button
          type="button"
          className="button"
          data-look="bare"
          aria-label={`Run ${number}${best ? ', the best' : ''}`}
          aria-pressed={isChosen}
          onClick={() => onChoose(number - 1)}
        >
          {number}
          {best && <span aria-hidden="true"> ★</span>}
        </button>
      </th>
      {trial.values.map((value, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a value is identified by its property
        <td key={index}>{wordsOf(value)}</td>
      ))}
      <td>{trial.score === null ? '–' : roughly(trial.score)}</td>
      <td>{roughly(trial.steps)}</td>
      <td>
        {stateOf(trial)}
        {trial.reason && <small>{trial.reason}</small>}
      </td>
    </tr>
  )
}
