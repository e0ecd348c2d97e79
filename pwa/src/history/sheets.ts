/** The sheets that are loaded when they are first opened. */

export { UndoQuestion } from './UndoQuestion'
