/** A whole-number property, for tests that are about one or two of its fields. */

import type { Property } from './catalogue'

export const wholeNumber: Property = {
  name: 'x',
  title: 'X',
  help: '',
  unit: '',
  type: 'integer',
  nullable: false,
  default: 1,
  default_text: null,
  from_meta: false,
  only_for: null,
  names_unit: true,
  minimum: 8,
  maximum: 1024,
  step: 8,
  choices: null,
  divides: null,
  max_items: null,
  min_items: null,
  max_cells: null,
}
