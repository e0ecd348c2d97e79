/** Which network of the open design plays: chosen by a person, or the best one of the newest run; fetched where needed. */

import { createStore } from 'zustand/vanilla'
import type { ExportableCheckpoint, ExportableRun, ExportList } from '../generated/wire'
import { persisted, recordOf } from '../lib/persisted'
import {
  type KeptNetwork,
  keepNetwork,
  listExports,
  networkId,
  networkSettings,
  networksStore,
  readNetworks,
  sizeOf,
} from '../networks/networks'
import { type LoadedNetwork, loadNetwork, playerStore } from '../player/player'
import { showToast } from '../ui/toasts'
import { playStore } from './play_state'

export interface Offer {
  run: ExportableRun
  checkpoint: ExportableCheckpoint
}

export interface Choosing {
  designId: string | null
  /** id of the network that plays, is loaded or is fetched */
  chosen: string | null
  /** what the server has of the design; null while unknown */
  list: ExportList | null
  /** whether the server could not be asked */
  unreachable: boolean
  /** whether all that can be known of the design was read */
  ready: boolean
  /** the run whose best network a person asked for, until it plays or another one is chosen */
  wantedRun: string | null
  /** a network that is not on the phone yet, while none of the design is, or the one that a person asked for is large */
  offer: Offer | null
}

const none: Choosing = {
  designId: null,
  chosen: null,
  list: null,
  unreachable: false,
  ready: false,
  wantedRun: null,
  offer: null,
}

export const choosingStore = createStore<Choosing>(() => none)

const stored = persisted('model-studio-play-network', recordOf<string>)

const MB = 1e6

/** The kept networks of a design, the newest first. */
export const keptOf = (designId: string | null): KeptNetwork[] =>
  networksStore.getState().networks.filter((network) => network.designId === designId)

/** The network to begin with: the best one of the newest run that is on the phone. */
export function preferred(kept: readonly KeptNetwork[]): KeptNetwork | undefined {
  const ofNewest = kept.filter(({ runId }) => runId === kept[0]?.runId)
  return ofNewest.find(({ checkpoint }) => checkpoint === 'best') ?? ofNewest[0]
}

/** The best network of a run that is on the phone, as far as the phone knows. */
function bestKept(kept: readonly KeptNetwork[], runId: string): KeptNetwork | undefined {
  const ofRun = kept.filter((network) => network.runId === runId).sort((one, other) => other.steps - one.steps)
  return ofRun.find(({ checkpoint }) => checkpoint === 'best') ?? ofRun[0]
}

/** The best network of the newest run that the server has one of, or of one run. */
export function offerOf({ runs }: ExportList, runId?: string): Offer | null {
  for (const run of runs) {
    if (runId !== undefined && run.run_id !== runId) continue
    const checkpoint = run.checkpoints.find((each) => each.checkpoint === 'best') ?? run.checkpoints[0]
    if (checkpoint) return { run, checkpoint }
  }
  return null
}

/** The best network of the newest run, where it has learned more than the one that plays; null where it has not. */
export function newerOffer(list: ExportList | null, network: KeptNetwork): Offer | null {
  const newest = list && offerOf(list)
  if (!newest || newest.checkpoint.score === null) return null
  const isOfSameRun = newest.run.run_id === network.runId
  return isOfSameRun && newest.checkpoint.steps <= network.steps ? null : newest
}

/** How to fetch what the server has of a network, such as the file for looking inside; null where it has none. */
export function offerFor(list: ExportList | null, id: string): Offer | null {
  for (const run of list?.runs ?? []) {
    const checkpoint = run.checkpoints.find(({ steps }) => networkId(run.run_id, steps) === id)
    if (checkpoint) return { run, checkpoint }
  }
  return null
}

/**
 * Have a network of this design play; what is on the phone plays at once, whatever the server answers. With `runId` it is the best
 * one of that run, to be watched.
 */
export async function openDesign(designId: string, runId?: string): Promise<void> {
  if (choosingStore.getState().designId !== designId) choosingStore.setState({ ...none, designId }, true)
  if (runId !== undefined) {
    playStore.setState({ mode: 'watch' })
    choosingStore.setState({ wantedRun: runId, chosen: null, offer: null, ready: false })
  }
  await readNetworks()
  if (!isShown(designId)) return
  playWhatIsKept(designId)
  await readList(designId)
}

const isShown = (designId: string): boolean => choosingStore.getState().designId === designId

function playWhatIsKept(designId: string): boolean {
  const kept = keptOf(designId)
  const { chosen, wantedRun } = choosingStore.getState()
  const wanted = chosen ?? stored.read()[designId]
  const network = wantedRun === null ? (kept.find(({ id }) => id === wanted) ?? preferred(kept)) : bestKept(kept, wantedRun)
  if (network) play(network.id)
  return network !== undefined
}

/** Have the best network of the wanted run play, fetched where needed; returns false where none was wanted or there is none. */
async function playWantedRun(designId: string): Promise<boolean> {
  const { wantedRun, list, unreachable } = choosingStore.getState()
  if (wantedRun === null) return false
  choosingStore.setState({ wantedRun: null })
  const kept = keptOf(designId)
  const best = bestKept(kept, wantedRun)
  const offer = list && !unreachable ? offerOf(list, wantedRun) : null
  if (!offer) {
    if (!best && playWhatIsKept(designId)) showToast(unreachable ? NOT_HERE : NO_NETWORK)
    return best !== undefined
  }
  const id = networkId(wantedRun, offer.checkpoint.steps)
  if (kept.some((network) => network.id === id)) play(id)
  else if (isSmall(offer)) await fetchAndPlay(offer)
  else if (!best) choosingStore.setState({ chosen: null, offer })
  return true
}

const NOT_HERE = 'The server cannot be reached, and this run has no network on this phone. Another one plays.'
const NO_NETWORK = 'This run has no network. Another one plays.'

/** Whether a network is fetched without being asked for. */
const isSmall = ({ run, checkpoint }: Offer): boolean =>
  sizeOf(run, checkpoint) <= networkSettings.getState().maxBackgroundMb * MB

/** Ask the server what there is; without any network on the phone, the best one is offered, or fetched if it is small enough. */
export async function readList(designId: string, mayFetch = true): Promise<void> {
  try {
    const list = await listExports(designId)
    if (!isShown(designId)) return
    const offer = keptOf(designId).length > 0 ? null : offerOf(list)
    choosingStore.setState({ list, unreachable: false, ready: true, offer })
    if (await playWantedRun(designId)) return
    if (mayFetch && offer && isSmall(offer)) await fetchAndPlay(offer)
  } catch {
    if (!isShown(designId)) return
    choosingStore.setState({ unreachable: true, ready: true })
    await playWantedRun(designId)
  }
}

/** Fetch a network and let it play, and return whether it does; why it could not be fetched is in `networksStore`. */
export async function fetchAndPlay({ run, checkpoint }: Offer): Promise<boolean> {
  const { designId } = choosingStore.getState()
  if (!designId) return false
  const id = networkId(run.run_id, checkpoint.steps)
  choosingStore.setState({ chosen: id, wantedRun: null })
  try {
    const kept = await keepNetwork(designId, run, checkpoint)
    if (!isShown(designId) || choosingStore.getState().chosen !== id) return false
    play(kept.id, kept)
    return true
  } catch {
    const { network } = playerStore.getState()
    const fallback = keptOf(designId).find((each) => each.id === network?.id)
    if (!isShown(designId) || choosingStore.getState().chosen !== id) return false
    choosingStore.setState({ chosen: fallback?.id ?? null })
    if (!fallback) playWhatIsKept(designId)
    return false
  }
}

/** Let a network play that a person chose. */
export function choose(id: string): void {
  choosingStore.setState({ wantedRun: null })
  play(id)
}

/** Let a network play that is on the phone, and remember it for its design; `kept` is its row where `networksStore` may be older. */
function play(id: string, kept = networksStore.getState().networks.find((each) => each.id === id)): void {
  const { designId } = choosingStore.getState()
  choosingStore.setState({ chosen: id, offer: null })
  if (designId) stored.write({ ...stored.read(), [designId]: id })
  const { status, network } = playerStore.getState()
  if (network?.id === id && status !== 'failed' && !isMissingInside(network, kept)) return
  loadNetwork(id).catch(() => {
    // why it could not be loaded is in `playerStore`
  })
}

/** Whether the file for looking inside has arrived since this network was loaded. */
const isMissingInside = ({ inspected }: LoadedNetwork, kept: KeptNetwork | undefined): boolean =>
  !inspected && typeof kept?.inspectSha256 === 'string'

/** A network that arrives in the background plays where none does, and another one where the one that plays was removed. */
export function followNetworks(): () => void {
  return networksStore.subscribe(({ networks, fetching }, before) => {
    const { designId, chosen, ready } = choosingStore.getState()
    if (!designId || networks === before.networks) return
    const removed = chosen !== null && !networks.some(({ id }) => id === chosen) && !fetching[chosen]
    if (removed && before.networks.some(({ id }) => id === chosen)) {
      choosingStore.setState({ chosen: null })
      if (!playWhatIsKept(designId)) void readList(designId, false)
    } else if (ready && chosen === null) playWhatIsKept(designId)
  })
}
