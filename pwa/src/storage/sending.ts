/** What of a row the server lacks: pure functions, no database. */
import type { SentChange, StoredDesign } from './database'

/** What a call says about one design: a change, or with `report` only the version that the server may have lost. */
export interface Sending extends SentChange {
  report?: boolean
}

/** What to send next: a change without a response yet comes before a newer one, since the server may have merged it already. */
export function changeToSend(row: StoredDesign): Sending {
  if (row.dirty) return row.sent ?? { change: row.change, deleted: row.deleted, work: row.work }
  return { change: row.change, deleted: false, work: row.base ?? row.work, report: true }
}

/** Whether the server lacks something of a design and has not refused exactly that. */
export function needsSending(row: StoredDesign): boolean {
  return lacksSomething(row) && !isRefused(row)
}

/** Whether the server refused what would be sent next, so that it waits for another edit. */
export function isRefused(row: StoredDesign): boolean {
  return lacksSomething(row) && row.rejected != null && row.rejected.change === changeToSend(row).change
}

const lacksSomething = (row: StoredDesign): boolean => row.dirty || row.report === true

/** The row as it is stored: with the key of the index that finds rows to send. */
export function indexed(row: StoredDesign): StoredDesign {
  const { waiting: _, ...rest } = row
  if (!lacksSomething(row)) return rest
  return { ...rest, waiting: isRefused(row) ? 'refused' : 'unsent' }
}
