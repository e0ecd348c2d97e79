/** What is loaded when it is first shown. */

export { ConflictNotice } from './Conflicts'
export { UndoQuestion } from './UndoQuestion'
