/** Measures for how long the app is visible without the server; the sum is kept over reloads and recorded once it is reached. */
import type { CallFailure } from '../lib/call_failure'
import { liveState } from '../live/live'
import { addOfflineTime, endOfflineTime } from '../storage/telemetry'
import { syncState } from '../sync/sync'

/** how often the time so far is stored, since a page may be ended at any moment */
const STORE_EVERY_MS = 5_000
/** Failures without an answer of the server itself. */
const NO_SERVER: ReadonlySet<CallFailure['kind'] | 'other' | undefined> = new Set([
  'offline',
  'unreachable',
  'timeout',
  'portal',
  'foreign',
  'broken',
  'gateway',
])

/** What is known of the server: reached, out of reach, or neither yet. */
type Reach = 'reached' | 'away' | 'unknown'

/** Measure from now on; returns how to stop. */
export function followOfflineTime(): () => void {
  let reach: Reach = 'unknown'
  /** when the part that is not stored began; undefined while nothing is measured */
  let since: number | undefined
  let syncedBefore = syncState.getState().lastSyncedAt

  const takeMs = (): number => {
    const now = performance.now()
    const ms = since === undefined ? 0 : now - since
    since = reach === 'away' && document.visibilityState === 'visible' ? now : undefined
    return ms
  }
  const store = () => {
    const ms = takeMs()
    if (ms > 0) void addOfflineTime(ms).catch(() => {})
  }
  const update = () => {
    const next = reachNow(reach, syncedBefore)
    if (next === reach) return
    syncedBefore = syncState.getState().lastSyncedAt
    reach = next
    const ms = takeMs()
    // also what was stored before this page was loaded
    if (next === 'reached') void endOfflineTime(ms).catch(() => {})
  }
  const timer = setInterval(store, STORE_EVERY_MS)
  document.addEventListener('visibilitychange', store)
  const stops = [liveState.subscribe(update), syncState.subscribe(update)]
  update()
  return () => {
    clearInterval(timer)
    document.removeEventListener('visibilitychange', store)
    for (const stop of stops) stop()
  }
}

/** A sync that succeeded since `syncedBefore` also shows that the server is reached, for browsers without the socket. */
function reachNow(reach: Reach, syncedBefore: string | undefined): Reach {
  const { failing, failure, lastSyncedAt } = syncState.getState()
  if (liveState.getState().connected) return 'reached'
  if (failing) return NO_SERVER.has(failure) ? 'away' : reach
  if (lastSyncedAt !== syncedBefore) return 'reached'
  return reach === 'reached' ? 'away' : reach
}
