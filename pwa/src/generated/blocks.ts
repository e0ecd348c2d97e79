/** The block catalogue and the templates of the Python package, typed; nothing here says what any block means. */
import catalogue from './blocks.json' with { type: 'json' }
import drawn from './templates.json' with { type: 'json' }
import type { ModelArchitecture } from './wire'

export interface PropertyForm {
  name: string
  title: string
  help: string
  unit: string
  /** `integer`, `number`, `boolean` or `string` */
  type: string
  nullable: boolean
  default: unknown
  /** what to say in place of the default, where it is worked out */
  default_text: string | null
  /** whether a left-out value comes from the design's `meta` */
  from_meta: boolean
  minimum: number | null
  maximum: number | null
  step: number | null
  choices: (string | number)[] | null
  /** the property this one must divide, where there is one */
  divides: string | null
}

export interface BlockKind {
  type: string
  title: string
  /** the family of the block, one of `kinds` */
  kind: string
  summary: string
  min_inputs: number
  /** null: as many as one likes */
  max_inputs: number | null
  has_output: boolean
  training_only: boolean
  properties: PropertyForm[]
}

export interface Catalogue {
  version: number
  kinds: string[]
  blocks: BlockKind[]
  meta: PropertyForm[]
}

const typed = catalogue as unknown as Catalogue

export const kinds: string[] = typed.kinds
export const blockKinds: BlockKind[] = typed.blocks
export const metaForm: PropertyForm[] = typed.meta
export const templates: ModelArchitecture[] = drawn as unknown as ModelArchitecture[]
