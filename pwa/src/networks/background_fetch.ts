/**
 * Fetches the networks of runs in the background: the best one when a run has a new best, at most once in five minutes for each
 * run, and when it ends. Only for designs on this phone, below the size that the person set, while the page is visible and the
 * server connected. A failure waits for the next event.
 */

import { listRuns } from '../api/api'
import type { ExportableCheckpoint, ExportableRun, Run } from '../generated/wire'
import { coalesced } from '../lib/coalesced'
import { liveState } from '../live/live'
import { getDesign } from '../storage/designs'
import { findNetwork, listNetworks } from '../storage/networks'
import {
  isOpened,
  keepNetwork,
  listExports,
  networkId,
  readNetworks,
  removeNetwork,
  sentenceForNetwork,
  sizeOf,
} from './networks'
import { activeRuns, type RunEvent } from './run_events'
import { networkSettings, networksStore } from './store'

export const PAUSE_MS = 300_000
const MAX_REMEMBERED = 50

interface Wish {
  /** undefined where the message did not tell it */
  designId: string | undefined
  hasEnded: boolean
}

/** What is to be fetched, by run. */
const wishes = new Map<string, Wish>()
/** the best score heard of, and when a network was last fetched, by run */
const bests = new Map<string, number>()
const fetchedAt = new Map<string, number>()

/** Take a message about a run. */
export function takeRunEvent(event: RunEvent): void {
  if (event.type === 'run_status') takeStatus(event.run_id, event.design_id, event.status)
  else if (event.score !== null && event.score > (bests.get(event.run_id) ?? Number.NEGATIVE_INFINITY)) {
    bests.set(event.run_id, event.score)
    wish(event.run_id, { designId: activeRuns.read()[event.run_id], hasEnded: false })
  }
}

/** Look for runs that ended while this phone was not connected. */
export async function afterConnecting(): Promise<void> {
  const active = activeRuns.read()
  const runs = await listRuns().catch((): Run[] => [])
  for (const { id, design_id, status } of runs) if (id in active) takeStatus(id, design_id, status)
}

const isActive = (status: Run['status']): boolean => status === 'queued' || status === 'running' || status === 'paused'

function takeStatus(runId: string, designId: string, status: Run['status']): void {
  if (isActive(status)) {
    const { [runId]: _, ...others } = activeRuns.read()
    activeRuns.write(Object.fromEntries([...Object.entries(others), [runId, designId]].slice(-MAX_REMEMBERED)))
  } else wish(runId, { designId, hasEnded: true })
}

function forgetActive(runId: string): void {
  const { [runId]: _, ...others } = activeRuns.read()
  activeRuns.write(others)
}

function wish(runId: string, wanted: Wish): void {
  wishes.set(runId, { ...wanted, hasEnded: wanted.hasEnded || wishes.get(runId)?.hasEnded === true })
  void fetchSoon()
}

/** Whether the phone may fetch something that nobody asked for. */
function mayFetch(): boolean {
  const { connection } = (globalThis.navigator ?? {}) as { connection?: { saveData?: boolean } }
  if (!networkSettings.getState().enabled || connection?.saveData) return false
  return liveState.getState().connected && document.visibilityState === 'visible'
}

let timer: ReturnType<typeof setTimeout> | undefined

/** Fetch what is wanted and allowed now, one network at a time; resolves when that is done. */
export const fetchSoon = coalesced(() => inOneTab(fetchWanted))

/** Where several tabs are open, one of them fetches. */
async function inOneTab(use: () => Promise<void>): Promise<void> {
  const { locks } = globalThis.navigator ?? {}
  if (!locks) return use()
  await locks.request('networks-background', { ifAvailable: true }, async (lock) => lock && use())
}

async function fetchWanted(): Promise<void> {
  for (let due = nextDue(); due && mayFetch(); due = nextDue()) {
    const [runId, wanted] = due
    wishes.delete(runId)
    try {
      await fetchBest(runId, wanted)
      if (wanted.hasEnded) forgetActive(runId)
      networksStore.setState({ backgroundTrouble: null })
    } catch (error) {
      // a call that a person's own one replaced is no trouble
      const wasReplaced = error instanceof DOMException && error.name === 'AbortError'
      if (!wasReplaced) networksStore.setState({ backgroundTrouble: sentenceForNetwork(error) })
    }
  }
}

/** The first wish that needs no more waiting; sets a timer for the next one where all have to wait. */
function nextDue(): [string, Wish] | undefined {
  clearTimeout(timer)
  const now = Date.now()
  const waits = [...wishes].map(([runId, { hasEnded }]) => {
    const last = fetchedAt.get(runId)
    // a clock that was put back must not make it wait for longer
    return hasEnded || last === undefined ? 0 : Math.min(Math.max(last + PAUSE_MS - now, 0), PAUSE_MS)
  })
  const due = [...wishes].find((_, index) => waits[index] === 0)
  if (!due && waits.length > 0) timer = setTimeout(() => void fetchSoon(), Math.min(...waits))
  return due
}

async function fetchBest(runId: string, { designId }: Wish): Promise<void> {
  const design = designId ?? (await listRuns()).find(({ id }) => id === runId)?.design_id
  if (design === undefined || !(await getDesign(design))) return
  const { runs } = await listExports(design)
  const run = runs.find((one) => one.run_id === runId)
  const checkpoint = run && bestCheckpoint(run)
  if (!run || !checkpoint || (await findNetwork(networkId(runId, checkpoint.steps)))) return
  const maxBytes = networkSettings.getState().maxBackgroundMb * 1e6
  if (sizeOf(run, checkpoint) > maxBytes) return
  await readNetworks()
  await keepNetwork(design, run, checkpoint, { background: true, maxBytes })
  fetchedAt.set(runId, Date.now())
  networksStore.setState({ lastBackgroundAt: Date.now() })
  await dropOlder(runId, checkpoint.steps)
}

const bestCheckpoint = ({ checkpoints }: ExportableRun): ExportableCheckpoint | undefined =>
  checkpoints.find(({ checkpoint }) => checkpoint === 'best') ?? checkpoints.find(({ checkpoint }) => checkpoint === 'last')

/** Remove the networks of a run that were fetched in the background before, unless a person played one. */
async function dropOlder(runId: string, steps: number): Promise<void> {
  for (const network of await listNetworks()) {
    const isOlder = network.runId === runId && network.steps !== steps
    if (isOlder && network.automatic && !isOpened(network.id)) await removeNetwork(network.id)
  }
}

document.addEventListener('visibilitychange', () => void fetchSoon())
liveState.subscribe(({ connected }, before) => {
  if (connected && !before.connected) void fetchSoon()
})
networkSettings.subscribe(() => void fetchSoon())
