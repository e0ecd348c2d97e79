/** Which properties of a block name another component. */
import { componentFields } from '../src/document/catalogue'

const known = new Map<string, string[]>()

export function linksOf(type: string): string[] {
  const found = known.get(type) ?? componentFields(type).map(({ name }) => name)
  known.set(type, found)
  return found
}
