/** Brings phone and server together: one syncer of all tabs and the service worker, as many calls as it takes. */
import { ApiProblem } from '../api/problem'
import { announce } from '../storage/changes'
import { withDatabase } from '../storage/database'
import { type Taken, take } from './apply_response'
import { type Collected, collect, LIMITS, needsSending } from './build_request'
import { type Post, postSync } from './protocol'

/** How a sync ended. */
interface Synced {
  /** a command is still being worked on */
  running: boolean
  /** why the server cannot read a design that it has */
  unreadable?: string
}

const LOCK = 'model-studio-sync'
const ROUNDS_AT_MOST = 200
const POISON = new Set([400, 413, 422])

/** Sync until nothing is left to say; throws `ApiProblem` when the server cannot be reached or refuses the whole call. */
export function syncNow(post: Post = postSync): Promise<Synced> {
  return alone(async () => {
    let limits = LIMITS
    for (let round = 0; round < ROUNDS_AT_MOST; round += 1) {
      const collected = await collect(limits)
      if (collected.failed.length > 0) tell({ designs: [], commands: collected.failed })
      try {
        const taken = await take(collected, await post(collected.request))
        tell(taken)
        if (!taken.again) return { running: taken.running, unreadable: taken.unreadable }
      } catch (error) {
        if (!isRefusal(error)) throw error
        // one of several is bad: send them one by one, so that the bad one is refused by itself
        if (collected.sent.size > 1) limits = { ...LIMITS, designs: 1 }
        else await park(collected, error)
      }
    }
    return { running: false }
  })
}

/** What a `sync` event does: nothing when nothing waits, else the same as the page; throws so that the browser tries again. */
export async function syncIfWaiting(post: Post = postSync): Promise<void> {
  if ((await countWaiting()) > 0) await syncNow(post)
}

/** Try refused designs once more: the server may have become another since. */
export async function forgetRefusals(): Promise<void> {
  await withDatabase(async (db) => {
    const tx = db.transaction('designs', 'readwrite')
    for (const row of await tx.store.getAll()) if (row.rejected) await tx.store.put({ ...row, rejected: null })
    await tx.done
  })
}

/** How many designs and commands the server does not have yet. */
export async function countWaiting(): Promise<number> {
  const [designs, commands] = await withDatabase((db) => Promise.all([db.getAll('designs'), db.getAll('commands')]))
  return designs.filter(needsSending).length + commands.filter((command) => command.status === 'waiting').length
}

/** Whether the server read the call and will refuse it however often it comes. */
function isRefusal(error: unknown): error is ApiProblem {
  return error instanceof ApiProblem && error.fromServer && POISON.has(error.status)
}

/** Keep what was refused, marked with the reason; it is sent again after the next edit of it. */
async function park({ sent, request }: Collected, refusal: ApiProblem): Promise<void> {
  const [refused] = sent
  if (!refused && !request.commands?.length) throw refusal
  const problem = { title: refusal.title, status: refusal.status, detail: refusal.detail, type: 'about:blank' }
  const asked = (request.commands ?? []).map((command) => command.id)
  await withDatabase(async (db) => {
    const tx = db.transaction(['designs', 'commands'], 'readwrite')
    if (refused) {
      const row = await tx.objectStore('designs').get(refused[0])
      if (row) await tx.objectStore('designs').put({ ...row, sent: null, rejected: { change: refused[1].change, problem } })
    } else {
      for (const id of asked) {
        const command = await tx.objectStore('commands').get(id)
        if (command) await tx.objectStore('commands').put({ ...command, status: 'failed', problem })
      }
    }
    await tx.done
  })
  tell({ designs: refused ? [refused[0]] : [], commands: refused ? [] : asked })
}

function tell({ designs, commands }: Pick<Taken, 'designs' | 'commands'>): void {
  if (designs.length > 0) announce({ store: 'designs', ids: designs, local: false })
  if (commands.length > 0) announce({ store: 'commands', ids: commands, local: false })
  announce({ store: 'sync', ids: [], local: false })
}

let last: Promise<unknown> = Promise.resolve()

/** One syncer at a time: over tabs and service worker by a lock, within this one also where locks are missing (plain http). */
function alone<T>(work: () => Promise<T>): Promise<T> {
  const locked = (): Promise<T> =>
    typeof navigator !== 'undefined' && navigator.locks ? navigator.locks.request(LOCK, work) : work()
  const mine = last.then(locked, locked)
  last = mine.catch(() => {})
  return mine
}
