/** The sheet to train a finished run longer, from its last checkpoint. */

import { useState } from 'react'
import { useStore } from 'zustand'
import { hasChangedSince, useDrawnHash } from '../editor/drawing_changed'
import { closeSheet } from '../editor/ui_state'
import type { Run } from '../generated/wire'
import { Question } from '../run_config/Question'
import { hasFallingRate, type Longer, longerOffers, suitableLonger } from '../runs/longer'
import { newestUpdate } from '../runs/run_history'
import { extendRun, trainStore } from '../runs/runs'
import { trainAnew } from '../runs/train_again'
import { BottomSheet } from '../ui/BottomSheet'
import { Icon } from '../ui/Icon'
import { roughly } from '../ui/numbers'
import './train-sheet.css'

export function LongerSheet({ runId }: { runId: string }) {
  const run = useStore(trainStore, (state) => (state.run?.id === runId ? state.run : undefined))
  return run ? <Choice run={run} /> : null
}

function Choice({ run }: { run: Run }) {
  const update = useStore(trainStore, ({ history }) => (history ? newestUpdate(history) : undefined))
  const offers = longerOffers(run, update)
  const [name, setName] = useState(suitableLonger(offers)?.name)
  const chosen = offers.find((offer) => offer.name === name) ?? offers[0]
  if (!chosen) return null
  const start = () => {
    closeSheet()
    void extendRun(run, chosen.total)
  }
  const foot = (
    <button type="button" className="button start-run" data-look="primary" onClick={start}>
      <Icon name="train" /> Start
    </button>
  )
  const note = `From ${roughly(run.steps)} moves, with the weights it has`
  return (
    <BottomSheet title="Train longer" note={note} foot={foot} onClose={closeSheet}>
      <div className="train-longer">
        <Question
          name="longer"
          title="How much longer"
          answers={offers.map((offer) => [offer.name, { title: offer.title }] as const)}
          chosen={chosen.name}
          onChoose={setName}
          about={undefined}
        />
        <p className="longer-line">
          <b>{roughly(chosen.more)} more moves</b> at its speed so far, {roughly(chosen.total)} in all
        </p>
        <Consequences run={run} chosen={chosen} />
        <button type="button" className="button" onClick={() => trainAnew(run)}>
          Train from new weights instead
        </button>
      </div>
    </BottomSheet>
  )
}

/** Notes about a changed design and a rising learning rate. */
function Consequences({ run, chosen }: { run: Run; chosen: Longer }) {
  const hasChanged = hasChangedSince(run.design_hash, useDrawnHash())
  return (
    <>
      {hasChanged && (
        <p className="longer-changed">
          <Icon name="alert" />
          <span>The design has changed since. This run goes on with the network that it began with.</span>
        </p>
      )}
      {hasFallingRate(run) && chosen.more * RISES_FROM > chosen.total && (
        <p className="quiet">
          Its learning rate rises again to what it would be in a run of this length, so the score may fall at first.
        </p>
      )}
    </>
  )
}

/** below a tenth of additional moves the learning rate hardly rises */
const RISES_FROM = 10
