/** What is loaded when it is first shown. */

export { ImportSheet } from './ImportSheet'
export { ShareSheet } from './ShareSheet'
