/** What is loaded when it is first shown. */

export { BinSheet } from './BinSheet'
export { ConflictNotice } from './Conflicts'
export { HistorySheet } from './HistorySheet'
export { UndoQuestion } from './UndoQuestion'
