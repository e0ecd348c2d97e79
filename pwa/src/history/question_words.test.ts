import { expect, it } from 'vitest'
import { removeComponents, setProperty } from '../document/commands'
import { findComponent } from '../document/edits'
import { nameIn } from '../document/names'
import { commit, documentStore, openDocument, redo, replaceDocument, resetDocuments, undo } from '../document/store'
import { passingBlock, placed, sampleDesign } from '../document/test_designs'
import { questionWords } from './question_words'

const design = () => documentStore.getState().design ?? sampleDesign()
const asked = () => {
  const { question } = documentStore.getState()
  return question && questionWords(question, design())
}

it('names the value that somebody else chose, on the button too', () => {
  resetDocuments()
  openDocument(sampleDesign())
  commit(setProperty(design(), { id: 'c3', field: 'n_heads', value: 2 }))
  replaceDocument(setProperty(design(), { id: 'c3', field: 'n_heads', value: 8 }).design)
  undo()
  expect(asked()).toEqual({
    title: 'Undo anyway?',
    changes: [`Heads of ${nameIn(design(), 'c3')} was changed to 8 on another device.`],
    effect: 'Undo sets it to the default.',
    revert: 'Undo anyway',
    keep: 'Keep 8',
  })
})

it('says that an undo or redo would remove a block', () => {
  resetDocuments()
  openDocument(sampleDesign())
  commit(placed(design(), { id: 'c20', type: passingBlock(), x: 0, y: 900 }))
  replaceDocument(setProperty(design(), { id: 'c20', field: 'bias', value: false }).design)
  undo()
  expect(asked()).toMatchObject({ effect: 'Undo removes it.', keep: 'Keep it' })
  resetDocuments()
  openDocument(sampleDesign())
  commit(removeComponents(design(), { ids: ['c3'] }))
  undo()
  replaceDocument(setProperty(design(), { id: 'c3', field: 'bias', value: false }).design)
  redo()
  expect(findComponent(design(), 'c3')).toBeDefined()
  expect(asked()).toMatchObject({ title: 'Redo anyway?', changes: [`${nameIn(design(), 'c3')} was changed on another device.`] })
})
