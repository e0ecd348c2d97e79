/** The code of the phone that a simulated phone runs: built as one script, which is evaluated anew at each start of a phone. */
export { blockOf, templates } from '../src/document/catalogue'
export * as commands from '../src/document/commands'
export { canGroup, canUngroup, groupInto, link, ungroup } from '../src/document/contain'
export { insertLikely } from '../src/document/insert'
export { definitionsFor, holds, insideOf } from '../src/document/inside'
export { closeDatabase, withDatabase } from '../src/storage/database'
export { getDesign, newDesignId, removeDesign, saveWork } from '../src/storage/designs'
export { syncNow } from '../src/sync/sync_session'
