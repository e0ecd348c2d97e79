import { cleanup, fireEvent, render, screen, within } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nameOf } from '../document/catalogue'
import { readingOrder } from '../document/order'
import { documentStore, openDocument, resetDocuments, undo } from '../document/store'
import { passingBlock, sampleDesign } from '../document/test_designs'
import { uiStore } from '../editor/ui_state'
import type { ModelArchitecture } from '../generated/wire'
import { Chain } from './Outline'

vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { pythonState: createStore(() => ({ status: 'loading' })), validate: vi.fn(), generate: vi.fn(), canConnect: vi.fn() }
})

const design = (): ModelArchitecture => documentStore.getState().design as ModelArchitecture
const names = (): (string | null)[] => screen.getAllByRole('listitem').map((item) => item.getAttribute('aria-label'))

beforeEach(() => {
  resetDocuments()
  openDocument(sampleDesign())
  uiStore.setState({ sheet: null })
  render(<Chain />)
})
afterEach(cleanup)

describe('the chain', () => {
  it('lists every block in reading order, by name', () => {
    expect(names()).toEqual(readingOrder(design()).map(nameOf))
  })

  it('moves a block up and back by undo', async () => {
    const before = names()
    const last = readingOrder(design()).findLast(({ type }) => type === passingBlock())
    if (!last) throw new Error('the template has no such block')
    fireEvent.click(screen.getByRole('button', { name: `Move ${nameOf(last)} up` }))
    const at = before.indexOf(nameOf(last))
    expect(names().indexOf(nameOf(last))).toBe(at - 1)
    undo()
    await vi.waitFor(() => expect(names()).toEqual(before))
  })

  it('does not offer to move what cannot go further', () => {
    const [first] = readingOrder(design())
    const button = first && screen.getByRole('button', { name: `Move ${nameOf(first)} up` })
    expect(button?.hasAttribute('disabled')).toBe(true)
  })

  it('opens the sheet of a block, and the palette after it', () => {
    const [, second] = readingOrder(design())
    if (!second) throw new Error('the template is too short')
    const card = within(screen.getByRole('listitem', { name: nameOf(second) }))
    fireEvent.click(card.getByRole('button', { name: `Edit ${nameOf(second)}` }))
    expect(uiStore.getState().sheet).toEqual({ name: 'block', id: second.id })
    fireEvent.click(card.getByRole('button', { name: `Add after ${nameOf(second)}` }))
    expect(uiStore.getState().sheet).toEqual({ name: 'blocks', after: second.id })
  })
})
