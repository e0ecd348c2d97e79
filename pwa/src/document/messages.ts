/** Problems and fixes as sentences: the catalogue of `shared_py/message_catalogue.py`, filled in as `shared_py/messages.py` does. */

import catalogue from '../generated/messages.json' with { type: 'json' }
import type { Fix, ModelArchitecture, Problem } from '../generated/wire'
import { nameIn } from './names'

type Params = Readonly<Record<string, unknown>>
type Entry = string | Readonly<Record<string, string>>
/** A problem from the server or from storage; older versions sent and stored no parameters. */
type ReceivedProblem = Pick<Problem, 'code' | 'message'> & { params?: Params }

const problems: Readonly<Record<string, Entry>> = { ...catalogue.problems, ...catalogue.edge_rules }
const fixes: Readonly<Record<string, string>> = catalogue.fixes
const parts: Readonly<Record<string, string>> = catalogue.parts

/** The sentence of a problem, without the name of the component; the received message where the catalogue does not know the code. */
export function problemText({ code, message, params = {} }: ReceivedProblem): string {
  const entry = problems[code]
  const template = typeof entry === 'object' ? entry[String(params.case)] : entry
  return fillOr(message, template, params)
}

/** What is wrong, as a whole sentence; the component is named if there is one. */
export function problemSentence(problem: ReceivedProblem & Pick<Problem, 'component_id'>, design: ModelArchitecture): string {
  const text = problemText(problem)
  return problem.component_id === null ? capitalised(text) : `${nameIn(design, problem.component_id)}: ${text}`
}

/** A sentence with a capital letter at its beginning. */
export const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** What a fix does, for its button. */
export const fixText = ({ label, label_code, label_params }: Fix): string =>
  fillOr(label, fixes[label_code ?? ''], label_params ?? {})

function fillOr(otherwise: string, template: string | undefined, params: Params): string {
  if (template === undefined) return otherwise
  try {
    return fill(template, params)
  } catch {
    return otherwise
  }
}

/** Put parameters into a template; throws where one is missing or of another kind than the template wants. */
export const fill = (template: string, params: Params): string =>
  template.replace(/\{(\w+)(?::([^}]*))?\}/g, (_, name: string, kind = '') => format(params[name], kind))

function format(value: unknown, kind: string): string {
  const [name, one = '', other = ''] = kind.split(':')
  switch (name) {
    case 'grouped':
      return String(Math.trunc(Number(value))).replace(/\B(?=(\d{3})+$)/g, ',')
    case 'plural':
      return String(value) === '1' ? one : other
    case 'path':
      return listed(value).join(' → ')
    case 'few':
      return listed(value).slice(0, MAX_NAMES).join(', ') + (listed(value).length > MAX_NAMES ? ', …' : '')
    case 'shape':
      return shape(listed(value))
    case 'value':
      return propertyValue(value)
    default:
      return plain(value)
  }
}

const MAX_NAMES = 3

function listed(value: unknown): string[] {
  if (!Array.isArray(value)) throw new TypeError('not a list')
  return value.map(plain)
}

const shape = (dims: string[]): string => (dims.length === 0 ? '' : `(${dims.join(', ')}${dims.length === 1 ? ',' : ''})`)

function propertyValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(propertyValue).join(', ')}]`
  return value === null || typeof value === 'boolean' ? String(value) : plain(value)
}

function plain(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value)
  if (Array.isArray(value)) return value.map(plain).join(', ')
  const { part, params = {} } = value as { part: string; params?: Params }
  const template = parts[part]
  if (template === undefined) throw new TypeError(`there is no part ${part}`)
  return fill(template, params)
}
