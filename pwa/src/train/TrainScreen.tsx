/** The Train screen: the status of a run, its live charts, and the buttons that control it. */

import { useEffect, useMemo, useRef } from 'react'
import { useStore } from 'zustand'
import { ExpertBars, TileBars } from '../dashboard/Bars'
import { BoardView } from '../dashboard/BoardView'
import { DeadExperts } from '../dashboard/DeadExperts'
import { HeatStrip } from '../dashboard/HeatStrip'
import { MetricCharts } from '../dashboard/MetricCharts'
import { MetricList } from '../dashboard/MetricList'
import { ReadingGauge } from '../dashboard/ReadingGauge'
import { RunHeadline } from '../dashboard/RunHeadline'
import { ScoreChart } from '../dashboard/ScoreChart'
import { SettingsOfRun } from '../dashboard/SettingsOfRun'
import { TestGames } from '../dashboard/TestGames'
import { nameOf } from '../document/catalogue'
import { findComponent } from '../document/edits'
import { documentStore } from '../document/store'
import { ExportButton, useKeepsNetwork } from '../export/ExportButton'
import type { Evaluation, RunStatus, TrainingUpdate } from '../generated/wire'
import { RunEstimate } from '../run_config/RunEstimate'
import { type History, newestEvaluations, newestUpdate, scoreSeries } from '../runs/run_history'
import { isPlaying, isTraining, movesOf, readRuns, statusOf, trainStore } from '../runs/runs'
import { isActive } from '../runs/selected_run'
import { isOpen } from '../storage/commands'
import { OtherRuns } from './OtherRuns'
import { RunControls } from './RunControls'
import './train.css'

export function TrainScreen() {
  const run = useStore(trainStore, (state) => state.run)
  const history = useStore(trainStore, (state) => state.history)
  const busy = useStore(trainStore, (state) => isTraining(state) || (state.command !== undefined && isOpen(state.command)))
  const body = useRef<HTMLDivElement>(null)
  useEffect(() => void readRuns(), [])
  return (
    <div className="train-screen">
      <div className="train-body" ref={body}>
        <RunHeadline />
        {run && history ? <Live history={history} /> : <Invitation />}
        {!busy && <RunEstimate />}
        <OtherRuns onShow={() => body.current?.scrollTo({ top: 0 })} />
      </div>
      {run ? <RunControls run={run} /> : <KeptControls />}
    </div>
  )
}

/** The buttons where no run is known, as without the server: what this phone keeps can be exported. */
function KeptControls() {
  const id = useStore(documentStore, ({ design }) => design?.id)
  const keeps = useKeepsNetwork(id)
  if (!id || !keeps) return null
  return (
    <div className="run-controls">
      <ExportButton designId={id} />
    </div>
  )
}

function Invitation() {
  const waiting = useStore(trainStore, ({ command }) => command?.status === 'waiting' || command?.status === 'running')
  const unread = useStore(trainStore, (state) => state.trouble !== undefined)
  if (waiting) return null
  return (
    <p className="quiet invitation">
      {unread
        ? 'Earlier runs are shown when the server is back; a run that you start below begins then.'
        : 'No run yet. Tap Train below: the network plays games of 2048 and learns from them; its score is shown here.'}
    </p>
  )
}

function Live({ history }: { history: History }) {
  const status = useStore(trainStore, statusOf)
  const playing = useStore(trainStore, isPlaying)
  const series = useMemo(() => scoreSeries(history), [history])
  const evaluations = useMemo(() => newestEvaluations(history), [history])
  const made = useStore(trainStore, (state) => movesOf(state).made)
  const update = newestUpdate(history)
  const reading = evaluations.at(-1)?.board_reading
  return (
    <>
      <ScoreChart series={series} emptyText={emptyTextOf(status, made)} />
      {update?.moe && <DeadExperts dead={update.moe.dead_experts} titleOf={titleOf} />}
      <HeatStrip />
      <TestGames evaluations={evaluations} />
      {reading != null && <ReadingGauge reading={reading} />}
      {update && <Newest update={update} evaluation={evaluations.at(-1)} active={playing} />}
      {update && <MetricCharts updates={history.updates} />}
      {update && <MetricList update={update} />}
      {update && <SettingsOfRun />}
    </>
  )
}

const titleOf = (id: string): string => {
  const { design } = documentStore.getState()
  const component = design && findComponent(design, id)
  return component ? nameOf(component) : id
}

interface NewestProps {
  update: TrainingUpdate
  evaluation: Evaluation | undefined
  /** whether moves are made right now */
  active: boolean
}

function Newest({ update, evaluation, active }: NewestProps) {
  return (
    <>
      {update.moe && (
        <section className="panel">
          <h2>Tokens per expert</h2>
          <ExpertBars usage={update.moe} titleOf={titleOf} />
        </section>
      )}
      <div className="panel-pair">
        <section className="panel">
          <h2>{active ? 'Live board' : 'Last board'}</h2>
          <BoardView cells={update.board_state} />
        </section>
        <section className="panel">
          <h2>Largest tile</h2>
          <TileBars frequency={(evaluation ?? update).max_tile_frequency} baselines={evaluation?.baselines} />
        </section>
      </div>
    </>
  )
}

/** What an empty chart says. */
function emptyTextOf(status: RunStatus | undefined, made: number): string {
  if (isActive(status)) return 'The score appears after the first games.'
  return made > 0 ? 'It ended before a game was over: there is no score.' : 'It ended before its first move: there is no score.'
}
