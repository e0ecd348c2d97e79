/** The module that is loaded when one of these sheets is first shown. */

export { DevicesSheet } from './DevicesSheet'
export { MoveSheet } from './MoveSheet'
export { PairSheet } from './PairSheet'
