/** Designs read from files: one design, the file that the page of a failed start saves, or what `dump-designs` writes. */

import { syncSoon } from '../sync/sync'
import { plural } from '../ui/numbers'
import { checkedDesign, Refused, reasonOf, storeDesign } from './checked_design'

export type OpenedFile = Pick<File, 'name' | 'size' | 'text'>

interface Refusal {
  /** the file, and the design in it where the file holds several */
  what: string
  why: string
}

export interface Opened {
  opened: number
  /** those that are on this phone with the same content */
  same: number
  refused: Refusal[]
}

const MAX_BYTES = 50_000_000
const SHOWN_REFUSALS = 2

/** Check each design of the files with Python and store it; one that cannot be read stops no other. */
export async function openFiles(files: readonly OpenedFile[]): Promise<Opened> {
  const result: Opened = { opened: 0, same: 0, refused: [] }
  for (const file of files) {
    try {
      const documents = documentsOf(await textOf(file))
      for (const [index, document] of documents.entries()) {
        const what = documents.length === 1 ? file.name : `${nameOf(document, index)} in ${file.name}`
        try {
          const { outcome } = await storeDesign(await checkedDesign(document))
          result[outcome === 'same' ? 'same' : 'opened'] += 1
        } catch (error) {
          result.refused.push({ what, why: reasonOf(error) })
        }
      }
    } catch (error) {
      result.refused.push({ what: file.name, why: reasonOf(error) })
    }
  }
  if (result.opened > 0) syncSoon('edit')
  return result
}

/** The text of a file; rejects with `Refused` where it is too large or cannot be read. */
export async function textOf(file: OpenedFile): Promise<string> {
  if (file.size > MAX_BYTES) throw new Refused(`it is larger than ${MAX_BYTES / 1e6} MB`)
  try {
    return await file.text()
  } catch {
    throw new Refused('it could not be read')
  }
}

/** The designs of a text: one, or those of a list; none of them is checked. Rejects with `Refused`. */
export function documentsOf(text: string): unknown[] {
  const read = parsed(text)
  if (typeof read !== 'object' || read === null || !('designs' in read)) return [read]
  if (!Array.isArray(read.designs)) throw new Refused('its designs are not a list')
  if (read.designs.length === 0) throw new Refused('it holds no design')
  return read.designs
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Refused('it is not JSON')
  }
}

export function nameOf(document: unknown, index: number): string {
  const name = (document as { name?: unknown } | null)?.name
  return typeof name === 'string' && name ? name : `design ${index + 1}`
}

/** "2 designs were opened. 1 was here already. Not opened: notes.json (it is not JSON)." */
export function sentenceForOpened({ opened, same, refused }: Opened): string {
  const parts = opened > 0 ? [`${plural(opened, 'design was', 'designs were')} opened.`] : []
  if (same > 0) parts.push(`${plural(same, 'design is', 'designs are')} here already.`)
  if (refused.length > 0) {
    const shown = refused.slice(0, SHOWN_REFUSALS).map(({ what, why }) => `${what} (${why})`)
    const more = refused.length - shown.length
    parts.push(`Not opened: ${[...shown, ...(more > 0 ? [`${more} more`] : [])].join(', ')}.`)
  }
  return parts.join(' ')
}
