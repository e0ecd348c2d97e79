/** Chooses which network plays: of which run, and how far in its training. */

import { useEffect } from 'react'
import { useStore } from 'zustand'
import { documentStore } from '../document/store'
import { compileStore, followSource } from '../editor/compile_state'
import { networksStore } from '../networks/networks'
import { ALGORITHMS } from '../runs/run_config'
import { Tags } from '../runs/Tags'
import { BottomSheet } from '../ui/BottomSheet'
import { Icon } from '../ui/Icon'
import { byteWords, exactly, percent, plural } from '../ui/numbers'
import { momentsOf } from '../ui/times'
import { choose, choosingStore, fetchAndPlay, readList } from './chosen_network'
import { bytesOf, type NetworkRow, type RunRows, runRows } from './network_rows'
import { openSheet, playStore } from './play_state'
import './sheets.css'

const close = () => openSheet(null)

export function NetworkSheet() {
  const { designId, list, unreachable } = useStore(choosingStore)
  const networks = useStore(networksStore, (state) => state.networks)
  useEffect(() => {
    if (designId) void readList(designId, false)
  }, [designId])
  const runs = runRows(
    list,
    networks.filter((network) => network.designId === designId),
    !unreachable,
  )
  const moments = momentsOf(runs.map(({ at }) => new Date(at)))
  const note = unreachable ? 'The server cannot be reached: these networks are on this phone.' : undefined
  return (
    <BottomSheet title="Network that plays" {...(note && { note })} onClose={close}>
      {runs.map((run, index) => (
        <Run key={run.runId} run={run} when={moments[index] ?? ''} />
      ))}
      <button type="button" className="button sheet-wide" onClick={() => openSheet('phone')}>
        <Icon name="phone" /> On this phone: {plural(networks.length, 'network')},{' '}
        {byteWords(networks.reduce((sum, network) => sum + bytesOf(network), 0))}
      </button>
    </BottomSheet>
  )
}

function Run({ run, when }: { run: RunRows; when: string }) {
  const changed = useChangedSince(run.designHash)
  const algorithm = ALGORITHMS.find(({ name }) => name === run.algorithm)?.term ?? run.algorithm
  return (
    <section className="network-run" aria-label={run.name || `Run of ${when}`}>
      <h3 className="sheet-heading">
        {run.name && <b>{run.name} · </b>}
        {algorithm} · {placeOf(run, when)}
        {changed && ' · the drawing has changed since'}
      </h3>
      <Tags tags={run.tags} />
      <ul>
        {run.rows.map((row) => (
          <li key={row.id}>
            <Row row={row} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function placeOf({ isOnServer }: RunRows, when: string): string {
  if (isOnServer) return `run of ${when}`
  return isOnServer === null ? `kept ${when}` : `kept ${when}, no longer on the server`
}

/** Whether the drawing is another network than the one that was trained; false while that is unknown. */
function useChangedSince(designHash: string): boolean {
  useEffect(followSource, [])
  const design = useStore(documentStore, (state) => state.design)
  const { generated, generatedFrom } = useStore(compileStore)
  return generatedFrom === design && generated !== null && generated.design_hash !== designHash
}

function Row({ row }: { row: NetworkRow }) {
  const chosen = useStore(choosingStore, (state) => state.chosen === row.id)
  const fetching = useStore(networksStore, (state) => state.fetching[row.id])
  const trouble = useStore(networksStore, (state) => state.trouble[row.id])
  const take = () => {
    if (row.kept) {
      choose(row.id)
      close()
    } else if (row.offer)
      void fetchAndPlay(row.offer).then((plays) => plays && playStore.getState().sheet === 'network' && close())
  }
  return (
    <button type="button" className="network-row" aria-current={(chosen && row.kept) || undefined} onClick={take}>
      <span className="network-words">
        <b>{row.title}</b>
        <small>{detailsOf(row)}</small>
        {trouble && <small className="network-trouble">{trouble}</small>}
        {fetching && <progress aria-label={`Fetching ${row.title}`} value={fetching.done} max={Math.max(1, fetching.total)} />}
      </span>
      <Place row={row} chosen={chosen} />
    </button>
  )
}

function detailsOf({ title, steps, trained, score }: NetworkRow): string {
  const moves = `${exactly(steps)} moves`
  return [
    title === moves ? '' : moves,
    trained === null ? '' : `${percent(trained)} of training`,
    score === null ? '' : `score ${exactly(Math.round(score))}`,
  ]
    .filter(Boolean)
    .join(' · ')
}

/** Whether it plays, is on the phone, or how large it is to fetch. */
function Place({ row, chosen }: { row: NetworkRow; chosen: boolean }) {
  if (row.kept && chosen)
    return (
      <span className="network-place">
        <Icon name="compile" /> plays
      </span>
    )
  if (row.kept)
    return (
      <span className="network-place">
        <Icon name="phone" /> here
      </span>
    )
  return (
    <span className="network-place">
      <Icon name="save" /> {row.isAbout && 'about '}
      {byteWords(row.bytes)}
    </span>
  )
}
