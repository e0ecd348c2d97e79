/** Syncs phone and server: as many calls as it takes, from one tab or the service worker at a time. */
import { ApiProblem } from '../api/problem'
import { exclusive } from '../lib/exclusive'
import { announce } from '../storage/changes'
import { storageWorks, withDatabase } from '../storage/database'
import { indexed } from '../storage/sending'
import { type AppliedResponse, applyResponse } from './apply_response'
import { buildRequest, LIMITS, type PreparedRequest } from './build_request'
import { type Post, postSync } from './protocol'
import { requestedWait, storeWait } from './retry_time'

/** How a sync ended. */
interface SyncResult {
  /** whether the server still works on a command */
  running: boolean
  /** why the server cannot read a design that it stores */
  unreadable?: string
}

/** two syncs at once would each apply a response to rows that the other has changed meanwhile */
const exclusively = exclusive('model-studio-sync')
// stops an endless loop; a phone with the maximum of designs needs far fewer calls
const MAX_CALLS = 200
/** Statuses with which a server that has read the call refuses its content. */
const CONTENT_REFUSED = new Set([400, 413, 422])

/** Sync until nothing is left to send; throws `ApiProblem` when the server cannot be reached or refuses the whole call. */
export function syncNow(post: Post = postSync): Promise<SyncResult> {
  return exclusively(async () => {
    let limits = LIMITS
    for (let call = 0; call < MAX_CALLS; call += 1) {
      const prepared = await buildRequest(limits)
      if (prepared.failed.length > 0) announceRows({ designs: [], commands: prepared.failed })
      try {
        const applied = await applyResponse(prepared, await post(prepared.request))
        storageWorks()
        announceRows(applied)
        if (!applied.again) return { running: applied.running, unreadable: applied.unreadable }
      } catch (error) {
        if (!isRefusal(error)) throw error
        // one of several designs is refused: sent one by one, only that one waits, and the others reach the server
        if (prepared.sent.size > 1) limits = { ...LIMITS, designs: 1 }
        else await storeRefusal(prepared, error)
      }
    }
    return { running: false }
  })
}

/** The work of a `sync` event of the browser; throws where it fails or the server asked to wait, so that the browser tries again. */
export async function syncIfWaiting(post: Post = postSync): Promise<void> {
  if ((await countWaiting()) === 0) return
  const wait = await requestedWait()
  if (wait) throw wait
  await syncNow(post).catch(async (error: unknown) => {
    await storeWait(error)
    throw error
  })
}

/** Let refused designs be sent once more: the server may have been updated since. */
export async function forgetRefusals(): Promise<void> {
  await withDatabase(async (db) => {
    const tx = db.transaction('designs', 'readwrite')
    for (const row of await tx.store.index('waiting').getAll('refused')) await tx.store.put(indexed({ ...row, rejected: null }))
    await tx.done
  })
}

/** How many designs and commands the server does not have yet. */
export async function countWaiting(): Promise<number> {
  const [designs, commands] = await withDatabase((db) =>
    Promise.all([db.countFromIndex('designs', 'waiting', 'unsent'), db.getAll('commands')]),
  )
  return designs + commands.filter((command) => command.status === 'waiting').length
}

/** Whether the server itself refuses the content; the same status from a proxy may not come again in another network. */
function isRefusal(error: unknown): error is ApiProblem {
  return error instanceof ApiProblem && error.fromServer && CONTENT_REFUSED.has(error.status)
}

/** Store why the one design of a call, or else its commands, was refused; a design is sent again after its next edit. */
async function storeRefusal({ sent, request }: PreparedRequest, refusal: ApiProblem): Promise<void> {
  const [refused] = sent
  // nothing of this phone in the call can be at fault, so the next call would only repeat it
  if (!refused && !request.commands?.length) throw refusal
  const problem = { title: refusal.title, status: refusal.status, detail: refusal.detail, type: 'about:blank' }
  const commandIds = (request.commands ?? []).map((command) => command.id)
  await withDatabase(async (db) => {
    const tx = db.transaction(['designs', 'commands'], 'readwrite')
    if (refused) {
      const row = await tx.objectStore('designs').get(refused[0])
      const rejected = { change: refused[1].change, problem }
      if (row) await tx.objectStore('designs').put(indexed({ ...row, sent: null, rejected }))
    } else {
      for (const id of commandIds) {
        const command = await tx.objectStore('commands').get(id)
        if (command) await tx.objectStore('commands').put({ ...command, status: 'failed', problem })
      }
    }
    await tx.done
  })
  announceRows({ designs: refused ? [refused[0]] : [], commands: refused ? [] : commandIds })
}

function announceRows({ designs, commands }: Pick<AppliedResponse, 'designs' | 'commands'>): void {
  if (designs.length > 0) announce({ store: 'designs', ids: designs, local: false })
  if (commands.length > 0) announce({ store: 'commands', ids: commands, local: false })
  // also when no row changed: the time of the last sync did
  announce({ store: 'sync', ids: [], local: false })
}
