/** What this device has recorded, here and on the server, with a button that deletes it. */

import { useCallback, useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { readTelemetry } from '../api/telemetry'
import type { RecordedEvent, TelemetryEvent } from '../generated/wire'
import { sentenceFor } from '../lib/error_sentence'
import { onChange } from '../storage/changes'
import { listDesigns } from '../storage/designs'
import { readQueue, requestDeletion } from '../storage/telemetry'
import { BottomSheet } from '../ui/BottomSheet'
import { plural } from '../ui/numbers'
import { momentOf } from '../ui/times'
import { showToast } from '../ui/toasts'
import { sendNow } from './background'
import { consentStore } from './consent'
import { idsOf, titleOf } from './event_words'
import './telemetry.css'

const PAGE = 100
const UNREACHABLE = 'The rest is on the server, which cannot be reached now.'

interface Recorded {
  waiting: readonly TelemetryEvent[]
  stored: readonly RecordedEvent[]
  complete: boolean
  trouble?: string
}

/** Events that wait here, newest first, and those on the server; with `before`, one more page of these. */
async function readRecorded(known?: Recorded): Promise<Recorded> {
  const queue = await readQueue()
  const waiting = [...(queue?.events ?? [])].reverse()
  if (!queue || queue.deletes) return { waiting, stored: [], complete: true }
  try {
    const page = await readTelemetry(queue.deviceId, PAGE, known?.stored.at(-1)?.number)
    return { waiting, stored: [...(known?.stored ?? []), ...page], complete: page.length < PAGE }
  } catch (error) {
    return { waiting, stored: known?.stored ?? [], complete: true, trouble: sentenceFor(error, { unreachable: UNREACHABLE }) }
  }
}

function useRecorded(): [Recorded | undefined, readMore: () => void] {
  const [recorded, setRecorded] = useState<Recorded>()
  useEffect(() => {
    let left = false
    const refresh = () =>
      readRecorded().then(
        (next) => left || setRecorded(next),
        () => {}, // the database cannot be read: the sync status says so
      )
    void refresh()
    const stop = onChange(({ store }) => {
      if (store === 'telemetry') void refresh()
    })
    return () => {
      left = true
      stop()
    }
  }, [])
  const readMore = useCallback(() => {
    if (recorded) readRecorded(recorded).then(setRecorded, () => {})
  }, [recorded])
  return [recorded, readMore]
}

/** Names of the designs on this phone, by id; names are not recorded. */
function useNames(): ReadonlyMap<string, string> {
  const [names, setNames] = useState<ReadonlyMap<string, string>>(new Map())
  useEffect(() => {
    listDesigns().then(
      (rows) => setNames(new Map(rows.map(({ id, work }) => [id, work.name]))),
      () => {},
    )
  }, [])
  return names
}

export function RecordedSheet({ onClose }: { onClose: () => void }) {
  const [recorded, readMore] = useRecorded()
  const names = useNames()
  const { answer, deletes } = useStore(consentStore)
  const count = recorded ? recorded.waiting.length + recorded.stored.length : 0
  const isEmpty = recorded !== undefined && count === 0 && !recorded.trouble
  return (
    <BottomSheet
      title="What was recorded"
      note={recorded && noteOf(recorded, count)}
      full
      foot={isEmpty || !recorded ? undefined : <Deletion count={count} complete={recorded.complete && !recorded.trouble} />}
      onClose={onClose}
    >
      {!recorded && <span className="spinner" role="status" aria-label="Loading" />}
      {deletes && <p className="quiet">The server deletes what it has as soon as it can be reached.</p>}
      {recorded?.trouble && (
        <p className="quiet" role="status" aria-label="Server">
          {recorded.trouble}
        </p>
      )}
      {isEmpty && !deletes && (
        <p className="quiet">
          {answer === 'yes' ? 'Nothing has been recorded yet.' : 'Nothing is recorded: it is switched off.'}
        </p>
      )}
      <ul className="recorded" aria-label="Events">
        {recorded?.waiting.map((event) => (
          <EventLine key={event.id} event={event} names={names} waits />
        ))}
        {recorded?.stored.map(({ number, event }) => (
          <EventLine key={number} event={event} names={names} />
        ))}
      </ul>
      {recorded && !recorded.complete && (
        <button type="button" className="button" onClick={readMore}>
          Earlier events
        </button>
      )}
    </BottomSheet>
  )
}

function noteOf({ waiting, complete, trouble }: Recorded, count: number): string {
  const all = `${complete && !trouble ? '' : 'At least '}${plural(count, 'event')} of this device`
  return waiting.length > 0 ? `${all}, ${waiting.length} not sent yet` : all
}

interface LineProps {
  event: TelemetryEvent
  names: ReadonlyMap<string, string>
  /** whether the server does not have it yet */
  waits?: boolean
}

function EventLine({ event, names, waits = false }: LineProps) {
  const design = 'designId' in event ? names.get(event.designId) : undefined
  const stack = event.type === 'client_error' ? event.stack : undefined
  return (
    <li>
      <b>{titleOf(event)}</b>
      <small data-no-terms>
        {momentOf(new Date(event.at))}
        {design && ` · ${design}`}
        {waits && ' · not sent yet'}
      </small>
      {idsOf(event).length > 0 && (
        <small className="recorded-ids" data-no-terms>
          {idsOf(event).map(([of, id]) => (
            <span key={of}>
              {of} <code>{id}</code>
            </span>
          ))}
        </small>
      )}
      {stack && (
        <pre className="recorded-stack" data-no-terms>
          {stack}
        </pre>
      )}
    </li>
  )
}

function Deletion({ count, complete }: { count: number; complete: boolean }) {
  const [asked, setAsked] = useState(false)
  const remove = async () => {
    setAsked(false)
    try {
      await requestDeletion()
      sendNow()
      showToast('Deleted on this phone. The server deletes its copy as soon as it can be reached.')
    } catch {
      showToast('This phone could not store it. Nothing was deleted.', { tone: 'bad' })
    }
  }
  if (!asked) {
    return (
      <button type="button" className="button recorded-delete" onClick={() => setAsked(true)}>
        Delete what was recorded
      </button>
    )
  }
  return (
    <fieldset className="telemetry-choices" aria-label="Delete what was recorded?">
      <button type="button" className="button" onClick={() => setAsked(false)}>
        Cancel
      </button>
      <button type="button" className="button" data-look="bad" onClick={() => void remove()}>
        {complete ? `Delete ${plural(count, 'event')}` : 'Delete all events'}
      </button>
    </fieldset>
  )
}
