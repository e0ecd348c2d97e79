/** What is shown of a run: the game, the score and its history; below them experts, test games, curves and numbers. */

import { useMemo } from 'react'
import { useStore } from 'zustand'
import { ExpertBars, TileBars } from '../dashboard/Bars'
import { ChartControls } from '../dashboard/ChartControls'
import { DeadExperts } from '../dashboard/DeadExperts'
import { ExpertCharts } from '../dashboard/ExpertCharts'
import { ExpertPhases } from '../dashboard/ExpertPhases'
import { HeatStrip } from '../dashboard/HeatStrip'
import { LiveGame } from '../dashboard/LiveGame'
import { MetricCharts } from '../dashboard/MetricCharts'
import { MetricList } from '../dashboard/MetricList'
import { ReadingGauge } from '../dashboard/ReadingGauge'
import { RunResult } from '../dashboard/RunResult'
import { ScoreChart } from '../dashboard/ScoreChart'
import { ScoreHeadline } from '../dashboard/ScoreHeadline'
import { SettingsOfRun } from '../dashboard/SettingsOfRun'
import { TestGames } from '../dashboard/TestGames'
import { nameOf } from '../document/catalogue'
import { findComponent } from '../document/edits'
import { documentStore } from '../document/store'
import type { Evaluation, RunStatus, TrainingUpdate } from '../generated/wire'
import { compareHref } from '../navigation/results'
import { chartViewStore } from '../runs/chart_view'
import { type History, headlineOf, newestEvaluations, newestUpdate, scoreSeries } from '../runs/run_history'
import { chartLimit, isPlaying, movesOf, statusOf, testGamesOf, trainStore } from '../runs/runs'
import { isActive } from '../runs/selected_run'
import { Icon } from '../ui/Icon'
import { exactly } from '../ui/numbers'

/** The game being played and its score; of a run that ended, its result. */
export function RunStage({ history }: { history: History }) {
  const status = useStore(trainStore, statusOf)
  const update = newestUpdate(history)
  const tested = headlineOf(history)
  if (!isActive(status))
    return (
      <>
        <RunResult tested={tested} update={update} status={status} />
        {(update || tested) && (
          <a className="button" href={compareHref([history.runId])}>
            <Icon name="chart" /> Compare
          </a>
        )}
      </>
    )
  return (
    <>
      {update && <Game update={update} />}
      {update && <ScoreHeadline tested={tested} update={update} status={status} />}
    </>
  )
}

function Game({ update }: { update: TrainingUpdate }) {
  const testing = useStore(trainStore, testGamesOf)
  const playing = useStore(trainStore, isPlaying)
  const games = useStore(trainStore, ({ run }) => Number(run?.config.n_envs ?? 1))
  if (testing) return <LiveGame board={testing.board_state} choice={null} caption="One of the test games" />
  const caption = playing ? `One of ${exactly(games)} games it learns from` : 'Where it last was'
  return <LiveGame board={update.board_state} choice={update.choice ?? null} caption={caption} />
}

export function RunDetails({ history }: { history: History }) {
  const status = useStore(trainStore, statusOf)
  const axis = useStore(chartViewStore, (view) => view.axis)
  const limit = useStore(trainStore, chartLimit)
  const made = useStore(trainStore, (state) => movesOf(state).made)
  const series = useMemo(() => scoreSeries(history, axis, limit), [history, axis, limit])
  const updates = useMemo(() => history.updates.filter(({ steps }) => steps <= limit), [history.updates, limit])
  const evaluations = useMemo(() => newestEvaluations(history), [history])
  const tested = headlineOf(history)
  const update = newestUpdate(history)
  const reading = tested?.board_reading
  if (status === 'queued' && !update) return <p className="quiet">It starts by itself. You can close the app meanwhile.</p>
  return (
    <>
      <ScoreChart series={series} emptyText={emptyTextOf(status, made)} />
      {update && <ChartControls />}
      {update?.moe && <Experts update={update} updates={updates} tested={tested} />}
      <TestGames evaluations={evaluations} />
      {reading != null && <ReadingGauge reading={reading} beatsGreedy={beatsGreedy(tested)} />}
      {update && (
        <section className="panel">
          <h2>Largest tile</h2>
          <TileBars frequency={(tested ?? update).max_tile_frequency} baselines={tested?.baselines} />
        </section>
      )}
      {update && <MetricCharts updates={updates} />}
      {update && <MetricList update={update} />}
      {update && <SettingsOfRun />}
    </>
  )
}

const beatsGreedy = (tested: Evaluation | undefined): boolean => tested !== undefined && tested.mean_score > tested.greedy_score

interface ExpertsProps {
  update: TrainingUpdate
  updates: readonly TrainingUpdate[]
  tested: Evaluation | undefined
}

function Experts({ update, updates, tested }: ExpertsProps) {
  if (!update.moe) return null
  const boards = update.moe.whole_boards ?? []
  const areBoards = Object.keys(update.moe.layers).every((id) => boards.includes(id))
  return (
    <>
      <DeadExperts dead={update.moe.dead_experts} boards={boards} titleOf={titleOf} />
      <HeatStrip />
      <section className="panel">
        <h2>{areBoards ? 'Boards per expert' : 'Cells per expert'}</h2>
        <ExpertBars usage={update.moe} titleOf={titleOf} />
        <ExpertCharts updates={updates} titleOf={titleOf} />
      </section>
      <ExpertPhases experts={tested?.experts} titleOf={titleOf} />
    </>
  )
}

const titleOf = (id: string): string => {
  const { design } = documentStore.getState()
  const component = design && findComponent(design, id)
  return component ? nameOf(component) : id
}

/** What an empty chart says. */
function emptyTextOf(status: RunStatus | undefined, made: number): string {
  if (isActive(status)) return 'The score appears after the first games.'
  return made > 0 ? 'It ended before a game was over: there is no score.' : 'It ended before its first move: there is no score.'
}
