/** The notification about a run that has ended: what it says and what a tap opens. For the service worker; it loads no screen. */

import type { RunEnded } from '../generated/wire'
import { roughly } from '../ui/numbers'

/** Which run a notification is about. */
export interface RunPlace {
  design_id: string
  run_id: string
}

/** The message of the service worker to an open page after a tap on a notification. */
export interface OpenRunMessage extends RunPlace {
  type: 'open-run'
}

export interface Notice {
  title: string
  options: { body: string; tag: string; icon: string; badge: string; data: RunPlace | null }
}

const ICON = '/icons/icon-192.png'
const ID = /^[a-z][a-z0-9_]{0,63}$/
const ENDINGS: Record<string, string> = {
  finished: 'has finished',
  failed: 'failed',
  interrupted: 'was interrupted',
  stopped: 'was stopped by the server',
}
const PLAIN = { icon: ICON, badge: ICON }

/** What to show for a message; browsers require that something is shown also for one that cannot be read. */
export function noticeOf(content: unknown): Notice {
  const place = placeOf(content)
  const { design, status, score } = (content ?? {}) as Partial<RunEnded>
  const ending = ENDINGS[String(status)]
  if (!place || !ending || typeof design !== 'string')
    return { title: 'A training run has ended', options: { ...PLAIN, body: 'Open the app to see it.', tag: 'run', data: null } }
  return {
    title: `Training of “${design}” ${ending}`,
    options: { ...PLAIN, body: bodyOf(status, score), tag: `run-${place.run_id}`, data: place },
  }
}

function bodyOf(status: unknown, score: unknown): string {
  const scored = typeof score === 'number' ? `Score ${roughly(score)}.` : ''
  const advice = status === 'finished' ? '' : 'Tap to see why.'
  return [scored, advice].filter(Boolean).join(' ') || 'Tap to see it.'
}

/** The run that some data names; null where it names none. */
export function placeOf(data: unknown): RunPlace | null {
  const { design_id, run_id } = (data ?? {}) as Partial<RunPlace>
  const isPlace = ID.test(String(design_id ?? '')) && ID.test(String(run_id ?? ''))
  return isPlace ? { design_id: String(design_id), run_id: String(run_id) } : null
}

/** The address of a run, which `placeIn` reads. */
export const addressOf = ({ design_id, run_id }: RunPlace): string => `#/run/${design_id}/${run_id}`

/** The run in an address; null where it is another address. */
export function placeIn(hash: string): RunPlace | null {
  const [, design_id, run_id] = /^#\/run\/([^/]+)\/([^/]+)$/.exec(hash) ?? []
  return placeOf({ design_id, run_id })
}
