/** The settings of a run as text. */

import { inputText } from '../document/property_values'
import { exactly } from '../ui/numbers'

/** The value of a setting as text. */
export const wordsOf = (value: unknown): string => {
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'number' && Number.isInteger(value)) return exactly(value)
  return inputText(value).replaceAll('_', ' ')
}
