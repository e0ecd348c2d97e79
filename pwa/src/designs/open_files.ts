/** Designs read from files: one design, the file that the page of a failed start saves, or what `dump-designs` writes. */

import { problemText } from '../document/messages'
import type { ModelArchitecture } from '../generated/wire'
import { upgrade, validate } from '../python/client'
import { PythonUnavailable } from '../python/queue'
import { getDesign, newDesignId, saveWork } from '../storage/designs'
import { sameDocument } from '../storage/same_document'
import { syncSoon } from '../sync/sync'
import { plural } from '../ui/numbers'

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
const MAX_NAME = 120
const COPY = ' (copy)'
const SHOWN_REFUSALS = 2
const NOT_OPENED = 'it could not be opened'

/** Check each design of the files with Python and store it; one that cannot be read stops no other. */
export async function openFiles(files: readonly OpenedFile[]): Promise<Opened> {
  const result: Opened = { opened: 0, same: 0, refused: [] }
  for (const file of files) {
    try {
      const documents = documentsOf(await textOf(file))
      for (const [index, document] of documents.entries()) {
        const what = documents.length === 1 ? file.name : `${nameOf(document, index)} in ${file.name}`
        try {
          if (await storeDesign(await checked(document))) result.opened += 1
          else result.same += 1
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

class Refused extends Error {}

async function textOf(file: OpenedFile): Promise<string> {
  if (file.size > MAX_BYTES) throw new Refused(`it is larger than ${MAX_BYTES / 1e6} MB`)
  try {
    return await file.text()
  } catch {
    throw new Refused('it could not be read')
  }
}

function documentsOf(text: string): unknown[] {
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

function nameOf(document: unknown, index: number): string {
  const name = (document as { name?: unknown } | null)?.name
  return typeof name === 'string' && name ? name : `design ${index + 1}`
}

/** The design in the newest version; rejects with its first problem where it is none. */
async function checked(document: unknown): Promise<ModelArchitecture> {
  const text = JSON.stringify(document)
  try {
    return await answered(() => upgrade(text))
  } catch (error) {
    if (error instanceof PythonUnavailable) throw error
    const { problems } = await answered(() => validate(text))
    throw new Refused(problems[0] ? problemText(problems[0]) : NOT_OPENED)
  }
}

/** The result of a call; only the newest call of a kind is answered, so one that gave way to another is repeated. */
async function answered<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call()
    } catch (error) {
      if (!(error instanceof DOMException && error.name === 'AbortError')) throw error
    }
  }
}

/** Store a design, as a copy where its id has other content on this phone; false where it is there as it is. */
async function storeDesign(design: ModelArchitecture): Promise<boolean> {
  const row = await getDesign(design.id)
  if (row && (await isSame(row.work, design))) return false
  await saveWork(row ? copyOf(design) : design)
  return true
}

/** Whether a stored design says the same, also where it is of an older version or leaves out what has its default. */
async function isSame(stored: ModelArchitecture, design: ModelArchitecture): Promise<boolean> {
  if (sameDocument(stored, design)) return true
  try {
    return sameDocument(await checked(stored), design)
  } catch (error) {
    if (error instanceof PythonUnavailable) throw error
    return false
  }
}

const copyOf = (design: ModelArchitecture): ModelArchitecture => ({
  ...design,
  id: newDesignId(),
  name: `${[...design.name].slice(0, MAX_NAME - COPY.length).join('')}${COPY}`,
})

function reasonOf(error: unknown): string {
  if (error instanceof PythonUnavailable) return 'Python could not start on this phone, so it cannot be checked'
  if (error instanceof DOMException) return 'this phone could not store it'
  return error instanceof Refused ? error.message : NOT_OPENED
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
