import { beforeEach, describe, expect, it } from 'vitest'
import * as commands from './commands'
import { findComponent } from './edits'
import { commit, documentStore, endMerge, openDocument, redo, replaceDocument, resetDocuments, select, undo } from './store'
import { passingBlock, placed, sampleDesign } from './test_designs'

const design = () => {
  const open = documentStore.getState().design
  if (!open) throw new Error('nothing is open')
  return open
}
const setProperty = (value: unknown) => commit(commands.setProperty(design(), { id: 'c3', field: 'bias', value }))

beforeEach(() => {
  resetDocuments()
  openDocument(sampleDesign())
})

describe('the command log', () => {
  it('undoes and redoes', () => {
    const before = design()
    setProperty(false)
    const after = design()
    undo()
    expect(design()).toEqual(before)
    redo()
    expect(design()).toEqual(after)
  })

  it('takes changes of one field in a row as one step, until something else happens', () => {
    const before = design()
    setProperty(1)
    setProperty(2)
    setProperty(3)
    expect(documentStore.getState().past).toHaveLength(1)
    endMerge()
    setProperty(4)
    expect(documentStore.getState().past).toHaveLength(2)
    undo()
    expect(findComponent(design(), 'c3')?.props.bias).toBe(3)
    undo()
    expect(design()).toEqual(before)
  })

  it('forgets what could be redone once something new is done', () => {
    setProperty(false)
    undo()
    commit(commands.rename(design(), { name: 'Other' }))
    expect(documentStore.getState().future).toHaveLength(0)
  })

  it('does not note a change that changes nothing', () => {
    commit(commands.moveComponents(design(), { places: [{ id: 'gone', x: 1, y: 1 }] }))
    expect(documentStore.getState().past).toHaveLength(0)
    expect(documentStore.getState().edits).toBe(0)
  })

  it('is still there after a look at another design', () => {
    const before = design()
    setProperty(false)
    const after = design()
    openDocument({ ...sampleDesign(), id: 'other' })
    expect(documentStore.getState().past).toHaveLength(0)
    openDocument(after)
    undo()
    expect(design()).toEqual(before)
  })

  it('selects what was added and forgets what was removed', () => {
    commit(placed(design(), { id: 'new', type: passingBlock(), x: 0, y: 0 }))
    expect(documentStore.getState().selection).toEqual(['new'])
    undo()
    expect(documentStore.getState().selection).toEqual([])
  })
})

describe('a design that sync has changed', () => {
  it('is taken over without losing selection or undo', () => {
    select(['c3'])
    setProperty(false)
    const theirs = placed(design(), { id: 'theirs', type: passingBlock(), x: 0, y: 900 }).design
    replaceDocument(theirs)
    expect(documentStore.getState().selection).toEqual(['c3'])
    undo()
    expect(findComponent(design(), 'c3')?.props.bias).toBeUndefined()
    expect(findComponent(design(), 'theirs')).toBeDefined()
  })

  it('skips steps whose component has gone', () => {
    const before = design()
    commit(commands.rename(before, { name: 'Mine' }))
    commit(commands.setProperty(design(), { id: 'c3', field: 'bias', value: false }))
    replaceDocument(commands.removeComponents(design(), { ids: ['c3'] }).design)
    undo()
    expect(design().name).toBe(before.name)
  })

  it('is left alone when another design is open', () => {
    const before = design()
    replaceDocument({ ...before, id: 'other', name: 'Other' })
    expect(design()).toBe(before)
  })
})
