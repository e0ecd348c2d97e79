/** The generated catalogue, typed, with look-ups; no block type is named here. */

import catalogue from '../generated/blocks.json' with { type: 'json' }
import type { BlockKind, Catalogue, Component, Property } from '../generated/wire'

export type { BlockKind, Property } from '../generated/wire'

const { kinds, blocks, meta, schema_version, plain_version } = catalogue as unknown as Catalogue

export const kindNames: readonly string[] = kinds
export const blockKinds: readonly BlockKind[] = blocks
export const metaForm: readonly Property[] = meta

/** The newest version of the schema that this app reads: that of a design in which a block has a name. */
export const schemaVersion = schema_version

/** The version of a design without named blocks, which older apps read too; a design of an older version is upgraded. */
export const plainVersion = plain_version

const byType = new Map(blockKinds.map((block) => [block.type, block]))

/** The definition of a block; `type` is read in either case, undefined for one this version does not know. */
export const blockOf = (type: string): BlockKind | undefined => byType.get(type) ?? byType.get(type.toLowerCase())

/** The words for a component's block, or its type where this version does not know it. */
export const titleOf = (component: Pick<Component, 'type'>): string => blockOf(component.type)?.title ?? component.type

/** The accessible name of a component: its own name or its block's title, and its id. */
export const nameOf = (component: Pick<Component, 'type' | 'id' | 'name'>): string =>
  `${component.name ?? titleOf(component)} ${component.id}`

/** How many kinds have a colour of their own. */
export const KIND_COLOURS = 10

/** Index of the colour of a block kind. */
export const kindIndex = (type: string): number => Math.max(0, kinds.indexOf(blockOf(type)?.kind ?? '')) % KIND_COLOURS

export const takesInputs = (type: string): boolean => blockOf(type)?.max_inputs !== 0

export const hasOutput = (type: string): boolean => blockOf(type)?.has_output ?? true

/** Whether components can lie inside this block. */
export const isContainer = (type: string): boolean => blockOf(type)?.container === true

/** The blocks that others can be put into. */
export const containerKinds = (): BlockKind[] => blockKinds.filter(({ container }) => container)

/** The properties of a block that name another component. */
export const componentFields = (type: string): Property[] =>
  blockOf(type)?.properties.filter((form) => form.type === 'component') ?? NO_FIELDS

const NO_FIELDS: Property[] = []
