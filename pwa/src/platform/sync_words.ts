/** The words for the state of sync: one line for the header, sentences for the sheet. */

import type { SyncState, WaitingItem } from '../sync/sync'
import { plural } from '../ui/numbers'

const SAVED = 'Saved on server'
const CONNECTED = 'Connected'
export const NOT_CONNECTED = 'Not connected'

type Standing = Pick<SyncState, 'status' | 'waiting' | 'waitingCommands' | 'detail'>

/** The state in a few words. */
export function syncWords({ status, waiting, waitingCommands, detail }: Standing): string {
  if (waitingCommands > 0 && status !== 'attention') return `${plural(waiting + waitingCommands, 'item')} waiting`
  switch (status) {
    case 'saved-on-server':
      return SAVED
    case 'waiting':
      return `${plural(waiting, 'change')} waiting`
    case 'syncing':
      return waiting > 0 ? `${plural(waiting, 'change')} waiting` : 'Saved on this phone'
    case 'attention':
      return detail ?? 'The server refused a change'
    case 'saved-on-phone':
      return 'Saved on this phone'
  }
}

/** The state for the header: "Saved on server" only while the server answers, since it may be gone by now. */
export function headerWords(state: SyncState, connected: boolean): string {
  const words = syncWords(state)
  const server = serverWords(state, connected)
  return words === SAVED && server !== CONNECTED ? server : words
}

const STUCK = 'The server answers, but for a minute nothing has been synced.'
const TRY_STUCK = 'Nothing is lost: tap Try now, and reload the app if that does not help.'

/** What is wrong and what to do about it; undefined where nothing is. */
export function troubleWords({ stuck, failing, detail, status }: SyncState): string | undefined {
  if (stuck) return `${STUCK} ${(failing && detail) || TRY_STUCK}`
  return failing || status === 'attention' ? detail : undefined
}

const SILENT: readonly SyncState['failure'][] = ['offline', 'unreachable', 'timeout', 'gateway', 'portal']

/** How the server stands, in a few words. */
export function serverWords({ failing, failure }: SyncState, connected: boolean): string {
  if (failing && failure === 'unpaired') return 'Not paired'
  if (failing && !SILENT.includes(failure)) return 'Answers with an error'
  return connected && !failing ? CONNECTED : NOT_CONNECTED
}

/** Where the work is, in one sentence. */
export function summaryWords({ waiting, waitingCommands, refused, lastSyncedAt, status }: SyncState): string {
  const here = waiting + waitingCommands
  const parts = [
    here > 0 && `${plural(here, 'item')} ${here === 1 ? 'waits' : 'wait'} on this phone`,
    refused > 0 && `the server refused ${plural(refused, 'item')}`,
  ].filter((part) => part !== false)
  if (parts.length > 0) return `${parts.join(', ').replace(/^./, (first) => first.toUpperCase())}.`
  if (status === 'saved-on-phone' || !lastSyncedAt) return 'Everything is saved on this phone; no server has it yet.'
  return 'Everything on this phone is saved on the server.'
}

const CHANGES = {
  new: 'New design',
  changed: 'Changed here',
  removed: 'Removed here',
  unchanged: 'To be compared with the server',
}
const COMMANDS = { compile: 'Compile', train: 'Training' }

/** What the server lacks of a design, or is to do with it. */
export function itemWords({ kind, change, refused, sent }: WaitingItem): string {
  const what = kind === 'design' ? CHANGES[change ?? 'changed'] : COMMANDS[kind]
  if (refused) return refused
  return sent ? `${what} · sent, no answer yet` : what
}
