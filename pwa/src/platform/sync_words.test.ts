import { expect, it } from 'vitest'
import type { SyncState, WaitingItem } from '../sync/sync'
import { headerWords, itemWords, serverWords, summaryWords, syncWords, troubleWords } from './sync_words'

const state = (changed: Partial<SyncState> = {}): SyncState => ({
  status: 'saved-on-server',
  waiting: 0,
  refused: 0,
  waitingCommands: 0,
  items: [],
  lastSyncedAt: '2026-11-01T10:00:00Z',
  failing: false,
  running: false,
  stuck: false,
  ...changed,
})
const item = (changed: Partial<WaitingItem> = {}): WaitingItem => ({
  id: 'd1',
  kind: 'design',
  name: 'One',
  change: 'changed',
  sent: false,
  ...changed,
})

it('says where the work is kept', () => {
  expect(syncWords(state({ status: 'saved-on-phone' }))).toBe('Saved on this phone')
  expect(syncWords(state())).toBe('Saved on server')
  expect(syncWords(state({ status: 'waiting', waiting: 1 }))).toBe('1 change waiting')
  expect(syncWords(state({ status: 'waiting', waiting: 3 }))).toBe('3 changes waiting')
})

it('says that a compile or a run waits, as the sheet does', () => {
  expect(syncWords(state({ waitingCommands: 1 }))).toBe('1 item waiting')
  expect(syncWords(state({ status: 'waiting', waiting: 1, waitingCommands: 1 }))).toBe('2 items waiting')
})

it('says in the header "Saved on server" only while the server answers', () => {
  expect(headerWords(state(), true)).toBe('Saved on server')
  expect(headerWords(state(), false)).toBe('Not connected')
  expect(headerWords(state({ failing: true, failure: 'unreachable' }), true)).toBe('Not connected')
  expect(headerWords(state({ failing: true, failure: 'server-error' }), true)).toBe('Answers with an error')
  expect(headerWords(state({ waitingCommands: 1 }), false)).toBe('1 item waiting')
  expect(headerWords(state({ status: 'saved-on-phone' }), false)).toBe('Saved on this phone')
})

it('sums up what waits and what was refused', () => {
  expect(summaryWords(state())).toBe('Everything on this phone is saved on the server.')
  expect(summaryWords(state({ status: 'saved-on-phone', lastSyncedAt: undefined }))).toMatch(/no server has it yet/)
  expect(summaryWords(state({ waiting: 1 }))).toBe('1 item waits on this phone.')
  expect(summaryWords(state({ waiting: 1, waitingCommands: 1, refused: 1 }))).toBe(
    '2 items wait on this phone, the server refused 1 item.',
  )
  expect(summaryWords(state({ refused: 1 }))).toBe('The server refused 1 item.')
})

it('says what each of them is, and of a command whether the server may have it', () => {
  const words = [
    item({ change: 'new' }),
    item(),
    item({ change: 'removed' }),
    item({ change: 'unchanged' }),
    item({ refused: 'Refused by the server.' }),
  ]
  expect(words.map(itemWords)).toEqual([
    'New design',
    'Changed here',
    'Removed here',
    'To be compared with the server',
    'Refused by the server.',
  ])
  expect(itemWords(item({ kind: 'train', change: null }))).toBe('Training')
  expect(itemWords(item({ kind: 'compile', change: null, sent: true }))).toBe('Compile · sent, no answer yet')
})

it('shows a problem only if there is one, and the error of a stuck sync', () => {
  expect(troubleWords(state())).toBeUndefined()
  expect(troubleWords(state({ failing: true, detail: 'No network.' }))).toBe('No network.')
  expect(troubleWords(state({ status: 'attention', detail: 'd1 is bad' }))).toBe('d1 is bad')
  expect(troubleWords(state({ stuck: true, failing: true, detail: 'It failed.' }))).toMatch(/^The server answers.* It failed\.$/)
  expect(troubleWords(state({ stuck: true }))).toMatch(/Nothing is lost: tap Try now/)
})

it('distinguishes a server that answers with errors from one that does not answer', () => {
  expect(serverWords(state(), true)).toBe('Connected')
  expect(serverWords(state(), false)).toBe('Not connected')
  expect(serverWords(state({ failing: true, failure: 'unreachable' }), true)).toBe('Not connected')
  expect(serverWords(state({ failing: true, failure: 'server-error' }), true)).toBe('Answers with an error')
})
