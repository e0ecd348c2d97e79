/** Reads what a person received: a link, the text of a design, or a file with one or several. Nothing is stored. */

import { answered, checkedDesign, type Place, placeFor, Refused, reasonOf } from '../designs/checked_design'
import { documentsOf, nameOf } from '../designs/open_files'
import { fixText } from '../document/messages'
import type { ModelArchitecture, Problem, ValidationResult } from '../generated/wire'
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
  | Refusal

export interface Refusal {
  kind: 'refused'
  why: string
  /** what would be read if blocks that are left out here were replaced, and the words of that fix */
  repaired?: { text: string; label: string }
}

const NOTHING = 'This is neither a link to a design nor the text of one.'
const TOO_LONG = 'This text is longer than a design can be.'
const MAX_TEXT = 50_000_000

/** What a text holds; never rejects. */
export async function received(text: string): Promise<Received> {
  try {
    return await read(text)
  } catch (error) {
    const repaired = error instanceof Refused ? await mendedText(text, error.problems) : undefined
    return { kind: 'refused', why: sentenceFor(error), ...(repaired && { repaired }) }
  }
}

/** The document with every block replaced for which Python offers that; undefined where it offers none. */
async function mendedText(text: string, problems: readonly Problem[]): Promise<Refusal['repaired']> {
  const fixes = problems.flatMap(({ fix }) => (fix?.action === 'replace_block' ? [fix] : []))
  if (fixes[0] === undefined) return undefined
  const [document] = documentsOf(await jsonOf(text))
  const design = document as ModelArchitecture
  const components = design.components.map((component) => {
    const fix = fixes.find(({ component_id: id }) => id === component.id)
    return fix ? { ...component, type: fix.type, props: fix.props ?? {} } : component
  })
  return { text: JSON.stringify({ ...design, components }), label: fixText(fixes[0]) }
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
