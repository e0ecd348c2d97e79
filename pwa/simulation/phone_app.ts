/** The code of the phone that a simulated phone runs: built as one script, which is evaluated anew at each start of a phone. */
import { templates as allTemplates } from '../src/document/templates'

export { blockOf } from '../src/document/catalogue'
export * as commands from '../src/document/commands'
export { chooseSide, removesDesign } from '../src/document/conflict_choice'
export { canGroup, canUngroup, groupInto, link, ungroup } from '../src/document/contain'
export { insertLikely } from '../src/document/insert'
export { definitionsFor, holds, insideOf } from '../src/document/inside'
export { openConflicts, queueResolution } from '../src/storage/conflicts'
export { closeDatabase, withDatabase } from '../src/storage/database'
export { getDesign, newDesignId, removeDesign, saveWork } from '../src/storage/designs'
export { syncNow } from '../src/sync/sync_session'

/** The designs that phones begin with: those that choose moves, since designs that only value boards are not simulated yet. */
export const templates = allTemplates.filter(({ components }) => components.some(({ type }) => type === 'action_output'))
