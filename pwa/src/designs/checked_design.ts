/** A document from elsewhere: checked by Python as every design is, and stored so that nothing here is overwritten. */

import { problemText } from '../document/messages'
import type { ModelArchitecture, Problem } from '../generated/wire'
import { upgrade, validate } from '../python/client'
import { PythonUnavailable } from '../python/queue'
import { getDesign, listDesigns, newDesignId, saveWork } from '../storage/designs'
import { sameDocument } from '../storage/same_document'

const MAX_NAME = 120
const COPY = ' (copy)'
const NOT_OPENED = 'it could not be opened'

/** Why a document is refused, as the end of a sentence: "it is not JSON". */
export class Refused extends Error {
  constructor(
    message: string,
    readonly problems: readonly Problem[] = [],
  ) {
    super(message)
  }
}

/** The design in the newest version; rejects with its first problem where it is none. */
export async function checkedDesign(document: unknown): Promise<ModelArchitecture> {
  const text = JSON.stringify(document)
  try {
    return await answered(() => upgrade(text))
  } catch (error) {
    if (error instanceof PythonUnavailable) throw error
    const { problems } = await answered(() => validate(text))
    throw new Refused(problems[0] ? problemText(problems[0]) : NOT_OPENED, problems)
  }
}

/** The result of a call; only the newest call of a kind is answered, so one that gave way to another is repeated. */
export async function answered<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call()
    } catch (error) {
      if (!(error instanceof DOMException && error.name === 'AbortError')) throw error
    }
  }
}

export interface Place {
  /** the id that the design has here, or will have */
  id: string
  /** `same`: it is here as it is; `copy`: its id has other content here, so it gets a new id */
  outcome: 'new' | 'same' | 'copy'
}

/** Where a design will be on this phone; nothing is stored. */
export async function placeFor(design: ModelArchitecture): Promise<Place> {
  const row = await getDesign(design.id)
  if (!row) return { id: design.id, outcome: 'new' }
  if (await isSame(row.work, design)) return { id: design.id, outcome: 'same' }
  // a design that is opened twice makes no second copy
  const copy = (await listDesigns()).find(({ id, work }) => sameDocument(work, copyOf(design, id)))
  return copy ? { id: copy.id, outcome: 'same' } : { id: newDesignId(), outcome: 'copy' }
}

/** Store a design in its place; resolves with what came of it. */
export async function storeDesign(design: ModelArchitecture): Promise<Place> {
  const place = await placeFor(design)
  if (place.outcome !== 'same') await saveWork(place.outcome === 'copy' ? copyOf(design, place.id) : design)
  return place
}

/** Whether a stored design says the same, also where it is of an older version or leaves out what has its default. */
async function isSame(stored: ModelArchitecture, design: ModelArchitecture): Promise<boolean> {
  if (sameDocument(stored, design)) return true
  try {
    return sameDocument(await checkedDesign(stored), design)
  } catch (error) {
    if (error instanceof PythonUnavailable) throw error
    return false
  }
}

const copyOf = (design: ModelArchitecture, id: string): ModelArchitecture => ({
  ...design,
  id,
  name: `${[...design.name].slice(0, MAX_NAME - COPY.length).join('')}${COPY}`,
})

/** Why a document could not be opened, as the end of a sentence. */
export function reasonOf(error: unknown): string {
  if (error instanceof PythonUnavailable) return 'Python could not start on this phone, so it cannot be checked'
  if (error instanceof DOMException) return 'this phone could not store it'
  return error instanceof Refused ? error.message : NOT_OPENED
}
