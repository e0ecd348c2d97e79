/** The Train screen: the game, one score and its history, how the run stands, and the buttons that control it; and its variants. */

import { useEffect, useRef } from 'react'
import { useStore } from 'zustand'
import { RunHeadline } from '../dashboard/RunHeadline'
import { documentStore } from '../document/store'
import { ExportButton, useKeepsNetwork } from '../export/ExportButton'
import { questionStore } from '../notifications/question'
import { isOlderRun, isTraining, readRuns, showRun, trainStore } from '../runs/runs'
import { openTraining } from '../runs/train_again'
import { isOpen } from '../storage/commands'
import { Variants } from '../sweeps/Variants'
import { Icon } from '../ui/Icon'
import { later, missingScreen } from '../ui/later'
import { OtherRuns } from './OtherRuns'
import { RunActions } from './RunActions'
import { RunControls } from './RunControls'
import { RunDetails, RunStage } from './RunView'
import '../dashboard/panel.css'
import './train.css'

const loadSweeps = () => import('../sweeps/SweepScreen')
const SweepScreen = later(loadSweeps, (parts) => parts.SweepScreen, missingScreen('Variants'))

/** `sweeps` shows the results of sweeps, which are loaded when they are first opened. */
export function TrainScreen({ screen = 'train' }: { screen?: 'train' | 'sweeps' }) {
  return screen === 'sweeps' ? <SweepScreen /> : <RunScreen />
}

function RunScreen() {
  const run = useStore(trainStore, (state) => state.run)
  const history = useStore(trainStore, (state) => state.history)
  const body = useRef<HTMLDivElement>(null)
  useEffect(() => void readRuns(), [])
  return (
    <div className="train-screen" data-empty={!run || undefined}>
      <div className="train-body" ref={body}>
        <div className="train-stage">
          <OlderRun />
          <Question />
          <RunHeadline actions={run && <RunActions key={run.id} run={run} />} />
          {run && history ? <RunStage history={history} /> : <Invitation />}
        </div>
        <div className="train-details">
          {run && history && <RunDetails history={history} />}
          <Variants />
          <OtherRuns onShow={() => body.current?.scrollTo({ top: 0 })} />
        </div>
      </div>
      {run ? <RunControls run={run} /> : <FirstControls />}
    </div>
  )
}

const LaterQuestion = later(
  () => import('../notifications/NotificationQuestion'),
  ({ NotificationQuestion }) => NotificationQuestion,
  () => null,
)

/** Whether the phone should be notified when the run ends, asked once after a long run was started. */
function Question() {
  const id = useStore(documentStore, ({ design }) => design?.id)
  const asked = useStore(questionStore, ({ designId }) => designId)
  return id !== undefined && id === asked ? <LaterQuestion /> : null
}

/** Says that a run from before is shown, and leads back to the newest. */
function OlderRun() {
  const isOlder = useStore(trainStore, isOlderRun)
  const training = useStore(trainStore, isTraining)
  if (!isOlder) return null
  return (
    <p className="older-run">
      <Icon name="history" />
      <span>An older run</span>
      <button type="button" className="button" onClick={() => void showRun(null)}>
        {training ? 'Show the running one' : 'Show the newest'}
      </button>
    </p>
  )
}

/** The buttons where no run is known: what this phone keeps can be exported. */
function FirstControls() {
  const id = useStore(documentStore, ({ design }) => design?.id)
  const busy = useStore(trainStore, ({ command }) => command !== undefined && isOpen(command))
  const keeps = useKeepsNetwork(id)
  if (!id) return null
  return (
    <div className="run-controls">
      {keeps && <ExportButton designId={id} />}
      <button type="button" className="button train-more" data-look="primary" disabled={busy} onClick={() => openTraining(id)}>
        <Icon name="train" /> Train
      </button>
    </div>
  )
}

function Invitation() {
  const waiting = useStore(trainStore, ({ command }) => command?.status === 'waiting' || command?.status === 'running')
  const unread = useStore(trainStore, (state) => state.trouble !== undefined)
  if (waiting) return null
  return (
    <div className="invitation">
      <Icon name="play" />
      <p>
        {unread
          ? 'Earlier runs are shown when the server is back. A run that you start now begins then.'
          : 'No run yet. The network plays games of 2048 and learns from them; you watch the game and its score here.'}
      </p>
    </div>
  )
}
