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
  /** whether it was the socket that showed that the server is reached, so that its loss means the opposite */
  let byLive = false
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
    const { connected } = liveState.getState()
    const next = connected ? 'reached' : reachBySync(reach, byLive, syncedBefore)
    if (next === 'reached') byLive = connected
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

/** What syncs show without the socket; one that succeeded after `syncedBefore` has reached the server. */
function reachBySync(reach: Reach, byLive: boolean, syncedBefore: string | undefined): Reach {
  const { failing, failure, lastSyncedAt } = syncState.getState()
  if (failing) return NO_SERVER.has(failure) ? 'away' : reach
  if (reach === 'reached') return byLive ? 'away' : 'reached'
  return lastSyncedAt === syncedBefore ? reach : 'reached'
}
