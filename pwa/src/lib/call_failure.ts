/** Why a call to the server failed, and the sentences for it: what happened, that nothing is lost, and what to do. */

export type FailureKind =
  | 'offline'
  | 'unreachable'
  | 'timeout'
  | 'portal'
  | 'foreign'
  | 'broken'
  | 'sign-in'
  | 'unpaired'
  | 'forbidden'
  | 'too-large'
  | 'invalid'
  | 'too-many'
  | 'gateway'
  | 'not-ready'
  | 'server-error'
  | 'refused'

export interface CallFailure {
  kind: FailureKind
  /** the HTTP status; 0 when no response of the server came */
  status: number
  /** what the server itself says; empty where a proxy or nobody answered */
  serverWords: string
  /** how long the server asks to wait, in ms; 0 where it does not say */
  retryAfterMs: number
}

/** What happened where no response of the server came, for a call of any purpose. */
export const NO_RESPONSE = {
  offline: 'This phone has no network.',
  unreachable: 'The server cannot be reached.',
  timeout: 'The server did not answer in time.',
  portal: 'This network answered in place of the server, as a login page does.',
  foreign: 'Something other than a Model Studio server answers at this address.',
  broken: 'The answer of the server broke off.',
} as const satisfies Partial<Record<FailureKind, string>>

/**
 * The kind of an error status; that of an unpaired device is recognised by its problem type. A 502, 503 or 504 that is not from the
 * server itself comes from a proxy that cannot reach it.
 */
export function kindOfStatus(status: number, fromServer: boolean): FailureKind {
  if (status === 401 || status === 407) return 'sign-in'
  if (status === 403) return 'forbidden'
  if (status === 413) return 'too-large'
  if (status === 400 || status === 422) return 'invalid'
  if (status === 429) return 'too-many'
  if (status === 503) return 'not-ready'
  if (!fromServer && (status === 502 || status === 504)) return 'gateway'
  return status >= 500 ? 'server-error' : 'refused'
}

const KEPT = 'your changes stay on this phone and are sent'

/** One sentence for each kind, after which the server's own words may follow. */
const SYNC_SENTENCES: Record<FailureKind, (failure: CallFailure) => string> = {
  offline: () => `This phone has no network: nothing is lost, ${KEPT} once the network is back.`,
  unreachable: () =>
    `The server cannot be reached: nothing is lost, ${KEPT} once it answers; check that it runs and that this phone is in its network.`,
  timeout: () =>
    `The server did not answer in time: nothing is lost, ${KEPT} again automatically; if it goes on, check the network and the server.`,
  portal: () =>
    'This network answered in place of the server, as a login page does: nothing is lost; open any web page, log in to the network, then tap Try now.',
  foreign: () =>
    'Something other than a Model Studio server answers at this address: nothing is lost; start the server again, then tap Try now.',
  broken: () => `The answer of the server broke off: nothing is lost, ${KEPT} again automatically.`,
  'sign-in': ({ status }) =>
    `The server wants this phone to sign in (${status}): nothing is lost; open the server’s address in this browser, sign in, then tap Try now.`,
  unpaired: () => `This phone is not paired with the server: nothing is lost, ${KEPT} once it is paired.`,
  forbidden: ({ status }) =>
    `The server does not let this phone sync (${status}): nothing is lost; ask the person who runs it, then tap Try now.`,
  'too-large': ({ status }) =>
    `The call is too large for the server or a proxy before it (${status}): nothing is lost; make the largest waiting design smaller, or raise the proxy’s limit.`,
  invalid: ({ status }) =>
    `The server cannot accept what this phone sent (${status}): nothing is lost, it stays on this phone; update the app or the server, then tap Try now.`,
  'too-many': ({ status, retryAfterMs }) =>
    `The server receives too many calls (${status}): nothing is lost, ${KEPT} again ${whenWords(retryAfterMs)}.`,
  gateway: ({ status }) =>
    `A proxy answers, but not the server behind it (${status}): nothing is lost, ${KEPT} once it answers; check that the server runs.`,
  'not-ready': ({ status, retryAfterMs }) =>
    `The server is not ready (${status}): nothing is lost, ${KEPT} again ${whenWords(retryAfterMs)}.`,
  'server-error': ({ status }) =>
    `The server failed while it answered (${status}): nothing is lost, ${KEPT} again automatically; if it goes on, look into the server’s log.`,
  refused: ({ status }) =>
    `The server refuses to sync (${status}): nothing is lost, everything stays on this phone; update the app or the server, then tap Try now.`,
}

const whenWords = (ms: number): string => {
  const seconds = Math.ceil(ms / 1000)
  if (seconds <= 0) return 'automatically'
  return seconds < 120 ? `in ${seconds} s` : `in ${Math.ceil(seconds / 60)} min`
}

/** Why a sync failed, with the server's own words where it gave any. */
export function syncSentence(failure: CallFailure): string {
  const sentence = SYNC_SENTENCES[failure.kind](failure)
  // the server says the same, in its own words
  const addsWords = failure.serverWords && failure.kind !== 'unpaired'
  return addsWords ? `${sentence} The server says: ${ended(failure.serverWords)}` : sentence
}

interface Refusal {
  status: number
  title: string
  detail: string
}

/** Why one design or command waits although the server read it: it was refused by itself, the others went through. */
export function refusalSentence({ status, title, detail }: Refusal): string {
  const reason = ended(detail || title)
  if (kindOfStatus(status, true) === 'too-large')
    return `Too large for the server: ${reason} Make it smaller; until then it stays here.`
  return `Refused by the server: ${reason} It stays here and is sent again after your next change.`
}

const ended = (words: string): string => (/[.!?]$/.test(words) ? words : `${words}.`)

/** The time to wait that a `Retry-After` header asks for, in ms: seconds, or the date of the next try. */
export function retryAfter(header: string | null, now = Date.now()): number {
  if (!header) return 0
  const seconds = Number(header)
  const ms = Number.isFinite(seconds) ? 1000 * seconds : Date.parse(header) - now
  return ms > 0 ? ms : 0
}
