/** The generated catalogue with two containers in it, one of which can be linked; for tests, so that none depends on a real block. */

import type { BlockKind, Catalogue, Property } from '../generated/wire'

const blank: Omit<Property, 'name' | 'title' | 'type' | 'default'> = {
  help: '',
  unit: '',
  names_unit: true,
  minimum: null,
  maximum: null,
  step: null,
  choices: null,
  divides: null,
  max_items: null,
  min_items: null,
  max_cells: null,
  default_text: null,
  nullable: false,
  from_meta: false,
  only_for: null,
}

const container = (type: string, title: string, properties: Property[]): BlockKind => ({
  type,
  title,
  kind: 'structure',
  summary: '',
  min_inputs: 1,
  max_inputs: 1,
  has_output: true,
  container: true,
  training_only: false,
  properties,
  keywords: [],
})

const times: Property = { ...blank, name: 'times', title: 'Times', type: 'integer', default: 2, minimum: 1, maximum: 64, step: 1 }
const definition: Property = { ...blank, name: 'definition', title: 'Same as', type: 'component', default: null, nullable: true }
export const sizes: Property = {
  ...blank,
  name: 'hidden_sizes',
  title: 'Hidden widths',
  type: 'integers',
  default: [],
  minimum: 1,
  maximum: 1024,
  step: 1,
  max_items: 3,
}

export const BOX = 'test_box'
export const LINKED = 'test_linked'

/** To be the module that `vi.mock` puts in the place of the catalogue. */
export async function withContainers(original: () => Promise<unknown>): Promise<{ default: Catalogue }> {
  const { default: catalogue } = (await original()) as { default: Catalogue }
  const added = [container(BOX, 'Test box', [times, sizes]), container(LINKED, 'Test linked', [definition])]
  return { default: { ...catalogue, kinds: [...catalogue.kinds, 'structure'], blocks: [...catalogue.blocks, ...added] } }
}
