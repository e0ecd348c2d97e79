/** The sheets of the open design: its blocks, their properties, its sizes. */

export { BlockSheet } from './BlockSheet'
export { DesignSheet } from './DesignSheet'
export { Palette } from './Palette'
export { MemorySheet, ParametersSheet } from './SizeSheets'
