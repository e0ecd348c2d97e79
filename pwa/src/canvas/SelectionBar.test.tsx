import { act, cleanup, render } from '@testing-library/react'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { documentStore, openDocument, resetDocuments, select } from '../document/store'
import { sampleDesign } from '../document/test_designs'
import { closeLayers, layerCount } from '../navigation/layers'
import { SelectionBar } from './SelectionBar'

beforeEach(() => {
  resetDocuments()
  openDocument(sampleDesign())
})
afterEach(cleanup)

const choose = (...ids: string[]) => act(() => select(ids))

it('a selected block is a layer, which is closed by deselecting it', () => {
  render(<SelectionBar />)
  expect(layerCount()).toBe(0)
  choose('c3')
  choose('c4')
  expect(layerCount()).toBe(1)
  act(() => closeLayers())
  expect(documentStore.getState().selection).toEqual([])
  expect(layerCount()).toBe(0)
})

it('a block that was selected before takes no step back, until another one is selected', () => {
  choose('c3')
  render(<SelectionBar />)
  expect(layerCount()).toBe(0)
  choose('c4')
  expect(layerCount()).toBe(1)
  choose('c3')
  expect(layerCount()).toBe(1)
})
