import { expect, it } from 'vitest'
import { ApiProblem } from '../api/problem'
import { type CallFailure, type FailureKind, kindOfStatus, refusalSentence, retryAfter, syncSentence } from './call_failure'
import { sentenceForSync } from './error_sentence'

const failure = (kind: FailureKind, changed: Partial<CallFailure> = {}): CallFailure => ({
  kind,
  status: 0,
  serverWords: '',
  retryAfterMs: 0,
  ...changed,
})

const STATUSES: [number, boolean, FailureKind, RegExp][] = [
  [401, true, 'sign-in', /wants this phone to sign in \(401\)/],
  [401, false, 'sign-in', /wants this phone to sign in \(401\).*sign in, then tap Try now/],
  [403, true, 'forbidden', /does not let this phone sync \(403\).*ask the person who runs it/],
  [413, false, 'too-large', /too large.*\(413\).*make the largest waiting design smaller/],
  [422, true, 'invalid', /cannot accept what this phone sent \(422\).*update the app or the server/],
  [429, true, 'too-many', /too many calls \(429\).*are sent again automatically/],
  [500, false, 'server-error', /failed while it answered \(500\).*look into the server’s log/],
  [502, false, 'gateway', /A proxy answers.*\(502\).*check that the server runs/],
  [502, true, 'server-error', /failed while it answered \(502\)/],
  [503, true, 'not-ready', /is not ready \(503\)/],
  [504, false, 'gateway', /\(504\)/],
  [404, true, 'refused', /refuses to sync \(404\).*update the app or the server/],
]

it.each(STATUSES)('explains status %i (from the server itself: %s) as %s', (status, fromServer, kind, sentence) => {
  expect(kindOfStatus(status, fromServer)).toBe(kind)
  expect(syncSentence(failure(kind, { status }))).toMatch(sentence)
})

const WITHOUT_RESPONSE: [FailureKind, RegExp][] = [
  ['unpaired', /not paired with the server: nothing is lost/],
  ['offline', /This phone has no network.*once the network is back/],
  ['unreachable', /cannot be reached.*check that it runs/],
  ['timeout', /did not answer in time.*check the network and the server/],
  ['portal', /in place of the server, as a login page does.*log in to the network, then tap Try now/],
  ['foreign', /Something other than a Model Studio server.*start the server again/],
  ['broken', /broke off.*again automatically/],
]

it.each(WITHOUT_RESPONSE)('explains %s', (kind, sentence) => {
  expect(syncSentence(failure(kind))).toMatch(sentence)
})

it('says in one sentence for each kind that nothing is lost', () => {
  const kinds = [...new Set([...STATUSES.map(([, , kind]) => kind), ...WITHOUT_RESPONSE.map(([kind]) => kind)])]
  expect(kinds).toHaveLength(16)
  for (const kind of kinds) expect(syncSentence(failure(kind))).toMatch(/^[^.]*: nothing is lost[^.]*\.$/)
})

it('says when the phone tries again, as the server asked', () => {
  expect(syncSentence(failure('not-ready', { status: 503, retryAfterMs: 30_000 }))).toMatch(/again in 30 s\.$/)
  expect(syncSentence(failure('too-many', { status: 429, retryAfterMs: 600_000 }))).toMatch(/again in 10 min\.$/)
})

it('reads Retry-After as seconds and as a date', () => {
  const now = Date.parse('2026-11-01T10:00:00Z')
  expect(retryAfter('30', now)).toBe(30_000)
  expect(retryAfter('Sun, 01 Nov 2026 10:01:00 GMT', now)).toBe(60_000)
  expect([retryAfter(null), retryAfter('soon'), retryAfter('-5'), retryAfter('Sun, 01 Nov 2026 09:00:00 GMT', now)]).toEqual([
    0, 0, 0, 0,
  ])
})

it('lets the server give its reason, and a proxy none', () => {
  const details = { status: 503, title: 'Service Unavailable', detail: 'The database is damaged' }
  expect(sentenceForSync(new ApiProblem(details, { fromServer: true }))).toMatch(/ The server says: The database is damaged\.$/)
  expect(sentenceForSync(new ApiProblem(details))).not.toContain('damaged')
})

it('explains a design that the server refused by itself', () => {
  const title = 'Unprocessable Entity'
  expect(refusalSentence({ status: 422, title, detail: 'c3 is no block' })).toBe(
    'Refused by the server: c3 is no block. It stays here and is sent again after your next change.',
  )
  expect(refusalSentence({ status: 413, title: 'Too large', detail: '' })).toMatch(/^Too large for the server: Too large\. Make/)
})
