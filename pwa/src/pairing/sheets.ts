/** What is loaded when one of the sheets is first shown. */

export { DevicesSheet } from './DevicesSheet'
export { MoveSheet } from './MoveSheet'
export { PairSheet } from './PairSheet'
