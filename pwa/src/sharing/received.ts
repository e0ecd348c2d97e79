/** Reads what a person received: a link, the text of a design, or a file with one or several. Nothing is stored. */

import { answered, checkedDesign, type Place, placeFor, Refused, reasonOf } from '../designs/checked_design'
import { documentsOf, nameOf } from '../designs/open_files'
import type { ModelArchitecture, ValidationResult } from '../generated/wire'
import { validate } from '../python/client'
import { PythonUnavailable } from '../python/queue'
import { upperFirst } from '../ui/words'
import { BadLink, dataIn, jsonInLink } from './link'

export interface One {
  kind: 'one'
  design: ModelArchitecture
  /** what Python says of it; undefined where it gave no answer */
  validation: ValidationResult | undefined
  place: Place
}

export type Received =
  | One
  /** several designs, which are opened together; none is checked yet */
  | { kind: 'several'; names: string[]; json: string }
  | { kind: 'refused'; why: string }

const NOTHING = 'This is neither a link to a design nor the text of one.'
const TOO_LONG = 'This text is longer than a design can be.'
const MAX_TEXT = 50_000_000

/** What a text holds; never rejects. */
export async function received(text: string): Promise<Received> {
  try {
    return await read(text)
  } catch (error) {
    return { kind: 'refused', why: sentenceFor(error) }
  }
}

async function read(text: string): Promise<Received> {
  const json = await jsonOf(text)
  const documents = documentsOf(json)
  if (documents.length > 1) return { kind: 'several', names: documents.map(nameOf), json }
  const design = await checkedDesign(documents[0])
  const validation = await answered(() => validate(JSON.stringify(design))).catch(() => undefined)
  return { kind: 'one', design, validation, place: await placeFor(design) }
}

async function jsonOf(text: string): Promise<string> {
  if (text.length > MAX_TEXT) throw new BadLink(TOO_LONG)
  const trimmed = text.trim()
  if (trimmed.startsWith('{') || trimmed.startsWith('[')) return trimmed
  if (dataIn(text) !== undefined) return jsonInLink(text)
  throw new BadLink(NOTHING)
}

/** "The design's schema_version 9 is newer than this app knows (3); update the app." */
function sentenceFor(error: unknown): string {
  if (error instanceof BadLink) return error.message
  if (error instanceof PythonUnavailable) return `${upperFirst(reasonOf(error))}.`
  const reason = reasonOf(error)
  const sentence = error instanceof Refused && !reason.startsWith('it ') ? upperFirst(reason) : `This is no design: ${reason}`
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`
}
