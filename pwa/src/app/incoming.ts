/**
 * Handles input from outside: an address with a design, a pairing code or a run, a tap on a notification, a pasted text, a dropped
 * file. A design is shown before it is stored.
 */

import { openSheet } from '../editor/ui_state'
import { placeNow, replacePlace } from '../navigation/history'
import { type OpenRunMessage, placeIn, placeOf, type RunPlace } from '../notifications/run_ended'
import { openRun } from '../runs/open_run'
import { PAIR, pairingCode } from './after_pairing'

const IMPORT = '#/import/'

const loadDropped = () => import('../designs/dropped_files')

/**
 * Handle the address of a shared design, of pairing or of a run; it is replaced at once, so that Back does not open it again.
 * `used` is a pairing code that is being exchanged already.
 */
function followAddress(used = ''): void {
  const place = placeNow()
  const pair = PAIR.exec(place)
  if (pair) {
    replacePlace('#/')
    if (!used || pair[1] !== used) openSheet({ name: 'pair', ...(pair[1] && { code: pair[1] }) })
    return
  }
  const run = placeIn(place)
  if (run) {
    replacePlace('#/')
    openPlace(run)
    return
  }
  if (!place.startsWith(IMPORT)) return
  replacePlace('#/')
  openSheet({ name: 'import', source: place })
}

const onAddress = () => followAddress()

const openPlace = ({ design_id, run_id }: RunPlace): void => openRun({ id: run_id, design_id })

/** The service worker passes on a tap on a notification. */
function onWorkerMessage({ data }: MessageEvent): void {
  const run = (data as Partial<OpenRunMessage> | null)?.type === 'open-run' ? placeOf(data) : null
  if (run) openPlace(run)
}

/** The service worker as it is seen from the page; none over plain http, and in a sandboxed page even reading it throws. */
function workers(): ServiceWorkerContainer | undefined {
  try {
    return navigator.serviceWorker
  } catch {
    return undefined
  }
}

const isField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))

/** Whether a text can hold a design; any other pasted text is left alone. */
export const looksLikeDesign = (text: string): boolean =>
  text.includes(IMPORT) || (/^\s*\{/.test(text) && /"(components|designs)"/.test(text))

function onPaste(event: ClipboardEvent): void {
  const text = event.clipboardData?.getData('text/plain') ?? ''
  if (isField(event.target) || !looksLikeDesign(text)) return
  event.preventDefault()
  openSheet({ name: 'import', source: text })
}

/** What is dragged can be dropped, so that the browser does not open a file in the place of the app. */
function onDragOver(event: DragEvent): void {
  if (isField(event.target) || !event.dataTransfer) return
  event.preventDefault()
  event.dataTransfer.dropEffect = 'copy'
}

function onDrop(event: DragEvent): void {
  const { dataTransfer } = event
  if (isField(event.target) || !dataTransfer) return
  event.preventDefault()
  const files = [...dataTransfer.files]
  if (files.length > 0) void loadDropped().then(({ openDropped }) => openDropped(files))
  else if (looksLikeDesign(dataTransfer.getData('text/plain')))
    openSheet({ name: 'import', source: dataTransfer.getData('text/plain') })
}

/** Take designs from now on; returns a function that stops this. */
export function startIncoming(): () => void {
  window.addEventListener('hashchange', onAddress)
  window.addEventListener('paste', onPaste)
  window.addEventListener('dragover', onDragOver)
  window.addEventListener('drop', onDrop)
  workers()?.addEventListener('message', onWorkerMessage)
  followAddress(pairingCode)
  return () => {
    workers()?.removeEventListener('message', onWorkerMessage)
    window.removeEventListener('hashchange', onAddress)
    window.removeEventListener('paste', onPaste)
    window.removeEventListener('dragover', onDragOver)
    window.removeEventListener('drop', onDrop)
  }
}
