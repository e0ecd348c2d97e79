/** The Export dialog: which run, which of its networks, which type of file, and then saved or shared. */

import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { documentStore } from '../document/store'
import { useDrawnHash } from '../editor/drawing_changed'
import { closeSheet } from '../editor/ui_state'
import { goTo } from '../navigation/router'
import { BottomSheet } from '../ui/BottomSheet'
import { Icon } from '../ui/Icon'
import { CheckpointChoice } from './CheckpointChoice'
import { ExportFoot } from './ExportFoot'
import { FileChoice } from './FileChoice'
import { dismissExport, watchExport } from './job'
import { ModelCardSheet } from './ModelCardSheet'
import { type Choice, chosenOf } from './offers'
import { RunChoice } from './RunChoice'
import { type Offers, useOffers } from './useOffers'
import './export.css'

interface Props {
  designId: string
  /** the run on the screen */
  runId?: string | undefined
}

export function ExportSheet({ designId, runId }: Props) {
  const name = useStore(documentStore, ({ design }) => (design?.id === designId ? design.name : undefined))
  const drawn = useDrawnHash()
  const offers = useOffers(designId, runId)
  const [choice, setChoice] = useState<Choice>({})
  const [showsCard, setShowsCard] = useState(false)
  const chosen = chosenOf(offers.runs, choice, runId)
  useEffect(watchExport, [])
  const close = () => {
    dismissExport()
    closeSheet()
  }
  if (showsCard && chosen)
    return (
      <ModelCardSheet key="card" run={chosen.run} name={name ?? 'Network'} drawn={drawn} onClose={() => setShowsCard(false)} />
    )
  const foot = chosen && <ExportFoot designId={designId} name={name ?? ''} chosen={chosen} onReload={offers.reload} />
  return (
    <BottomSheet title="Export" note={<span data-no-terms>{name}</span>} full foot={foot} onClose={close}>
      <Standing offers={offers} designId={designId} isEmpty={!chosen} />
      {chosen && (
        <div className="export">
          <RunChoice
            runs={offers.runs}
            chosen={chosen.run}
            drawn={drawn}
            onChoose={(id) => setChoice(({ fmt }) => ({ runId: id, ...(fmt && { fmt }) }))}
          />
          <CheckpointChoice run={chosen.run} chosen={chosen.checkpoint} onChoose={(checkpoint) => choose({ checkpoint })} />
          <FileChoice checkpoint={chosen.checkpoint} chosen={chosen.file} onChoose={(fmt) => choose({ fmt })} />
          <button type="button" className="button open-card" onClick={() => setShowsCard(true)}>
            <Icon name="card" />
            <span>
              Model card <small>this run as an image</small>
            </span>
            <Icon name="greater" />
          </button>
        </div>
      )}
    </BottomSheet>
  )

  /** Change a part of the choice; the run stays the one that is shown, also when a newer one appears. */
  function choose(part: Choice): void {
    setChoice((before) => ({ ...before, ...(chosen && { runId: chosen.run.id }), ...part }))
  }
}

/** That the runs are being read, or why there is nothing or not everything to choose from. */
function Standing({ offers, designId, isEmpty }: { offers: Offers; designId: string; isEmpty: boolean }) {
  const { loading, isListed, trouble, reload } = offers
  if (isEmpty && loading && !trouble) return <span className="spinner export-loading" role="status" aria-label="Loading" />
  if (isEmpty) return <Nothing offers={offers} designId={designId} />
  if (trouble) {
    return (
      <div className="export-notice">
        <Icon name="alert" />
        <p role="status" aria-label="Problem">
          {trouble}
        </p>
        <button type="button" className="button" disabled={loading} aria-busy={loading} onClick={reload}>
          Try again
        </button>
      </div>
    )
  }
  return isListed ? null : <p className="quiet">These are on this phone. Reading those of the server…</p>
}

/** Why there is nothing to export, with the one thing to do. */
function Nothing({ offers: { runs, loading, trouble, reload }, designId }: { offers: Offers; designId: string }) {
  const train = () => {
    closeSheet()
    goTo({ screen: 'train', id: designId })
  }
  const hasRuns = runs.length > 0
  return (
    <div className="export-empty">
      <p role="status" aria-label={trouble ? 'Problem' : 'Runs'}>
        {trouble ?? (hasRuns ? NO_NETWORK : NO_RUN)}
      </p>
      {trouble || hasRuns ? (
        <button type="button" className="button" disabled={loading} aria-busy={loading} onClick={reload}>
          {trouble ? 'Try again' : 'Reload the list'}
        </button>
      ) : (
        <button type="button" className="button" onClick={train}>
          Open Train
        </button>
      )}
    </div>
  )
}

const NO_RUN = 'No network yet. Train this design, then its networks can be exported here.'
const NO_NETWORK = 'No run has a network yet. A running one stores its first within a minute.'
