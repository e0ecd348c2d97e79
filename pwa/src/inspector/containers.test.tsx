import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Breadcrumb } from '../app/Breadcrumb'
import { nameOf } from '../document/catalogue'
import { groupInto } from '../document/contain'
import { findComponent } from '../document/edits'
import { insideOf } from '../document/inside'
import { commit, documentStore, openDocument, resetDocuments, undo } from '../document/store'
import { BOX, LINKED } from '../document/test_catalogue'
import { placed, sampleDesign } from '../document/test_designs'
import { startPlaces } from '../editor/navigation'
import { uiStore } from '../editor/ui_state'
import type { Component, ModelArchitecture } from '../generated/wire'
import { startHistory } from '../navigation/history'
import { Chain } from '../outline/Outline'
import { BlockSheet } from './BlockSheet'

vi.mock('../generated/blocks.json', async (original) => (await import('../document/test_catalogue')).withContainers(original))
vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { pythonState: createStore(() => ({ status: 'loading' })), validate: vi.fn(), generate: vi.fn(), canConnect: vi.fn() }
})

const design = (): ModelArchitecture => documentStore.getState().design as ModelArchitecture
const component = (id: string): Component => findComponent(design(), id) as Component
const sheetOf = (id: string) => {
  render(<BlockSheet id={id} />)
  return within(screen.getByRole('dialog', { name: nameOf(component(id)) }))
}
const names = (): (string | null)[] => screen.getAllByRole('listitem').map((item) => item.getAttribute('aria-label'))
let stop = () => {}

beforeEach(() => {
  resetDocuments()
  openDocument(sampleDesign())
  uiStore.setState({ sheet: null })
  window.history.replaceState(null, '', `#/d/${design().id}`)
  const stops = [startHistory(), startPlaces()]
  stop = () => {
    for (const stopOne of stops) stopOne()
  }
})
afterEach(() => {
  stop()
  cleanup()
})

describe('a list of numbers', () => {
  beforeEach(() => commit(placed(design(), { id: 'box', type: BOX, x: 0, y: 900 })))
  const sizes = () => component('box').props.hidden_sizes

  it('is a group of spinbuttons, each added, stepped and removed by itself', () => {
    const sheet = sheetOf('box')
    const group = within(sheet.getByRole('group', { name: 'hidden_sizes' }))
    fireEvent.click(group.getByRole('button', { name: 'Add to hidden_sizes' }))
    expect(sizes()).toEqual([design().meta.d_model])
    fireEvent.click(group.getByRole('button', { name: 'More hidden_sizes 1' }))
    fireEvent.click(group.getByRole('button', { name: 'Add to hidden_sizes' }))
    expect(sizes()).toEqual([65, 65])
    const second = group.getByRole('spinbutton', { name: 'hidden_sizes 2' })
    fireEvent.change(second, { target: { value: '32' } })
    fireEvent.blur(second)
    expect(sizes()).toEqual([65, 32])
    fireEvent.click(group.getByRole('button', { name: 'Remove hidden_sizes 1' }))
    expect(sizes()).toEqual([32])
    expect(group.getByRole('spinbutton', { name: 'hidden_sizes 1' })).toHaveProperty('value', '32')
  })

  it('is full at the number of items the catalogue allows', () => {
    const add = sheetOf('box').getByRole('button', { name: 'Add to hidden_sizes' })
    for (let count = 0; count < 3; count++) fireEvent.click(add)
    expect(add.hasAttribute('disabled')).toBe(true)
    expect(sizes()).toHaveLength(3)
  })
})

describe('a link to another component', () => {
  it('offers what it could share, by name, and its own', () => {
    commit(groupInto(design(), { ids: ['c3'], type: LINKED, newId: 'def' }))
    commit(placed(design(), { id: 'copy', type: LINKED, x: 0, y: 900 }))
    const choice = sheetOf('copy').getByRole('combobox', { name: 'definition' })
    expect(
      within(choice)
        .getAllByRole('option')
        .map(({ textContent }) => textContent),
    ).toEqual(['none (own copy)', 'Test linked def'])
    fireEvent.change(choice, { target: { value: 'def' } })
    expect(component('copy').props.definition).toBe('def')
    fireEvent.change(choice, { target: { value: '' } })
    expect(component('copy').props.definition).toBeUndefined()
    expect(design().components.filter((one) => insideOf(one) === 'copy')).toHaveLength(1)
    undo()
    undo()
    expect(component('copy').props).toEqual({})
  })
})

describe('containers', () => {
  it('take a block in by one button of its sheet, and give it back by another', () => {
    const before = design()
    fireEvent.click(sheetOf('c3').getByRole('button', { name: 'Group into Test box' }))
    const [box] = documentStore.getState().selection as [string]
    expect(insideOf(component('c3'))).toBe(box)
    cleanup()
    fireEvent.click(sheetOf(box).getByRole('button', { name: 'Ungroup' }))
    expect(insideOf(component('c3'))).toBe(null)
    undo()
    undo()
    expect(design()).toEqual(before)
  })

  it('are opened from their card; the chain then shows what lies inside, and the way out', async () => {
    commit(groupInto(design(), { ids: ['c3', 'c4'], type: BOX, newId: 'box' }))
    render(<Breadcrumb />)
    render(<Chain />)
    expect(names()).not.toContain(nameOf(component('c3')))
    fireEvent.click(screen.getByRole('button', { name: /^Open Test box box/ }))
    expect(window.location.hash).toBe(`#/d/${design().id}/in/box`)
    const place = within(screen.getByRole('navigation', { name: 'Place' }))
    expect(place.getByText('Test box box').closest('li')?.getAttribute('aria-current')).toBe('location')
    expect(names()).toContain(nameOf(component('c3')))
    expect(screen.getByRole('button', { name: `Move ${nameOf(component('c3'))} up` }).hasAttribute('disabled')).toBe(true)
    fireEvent.click(screen.getByRole('button', { name: `Move ${nameOf(component('c4'))} up` }))
    expect(names().filter((name) => name?.endsWith('c3') || name?.endsWith('c4'))[0]).toBe(nameOf(component('c4')))
    act(() => void fireEvent.click(place.getByRole('button', { name: `Up to ${design().name}` })))
    expect(documentStore.getState()).toMatchObject({ inside: null, selection: ['box'] })
    await vi.waitFor(() => expect(window.location.hash).toBe(`#/d/${design().id}`))
  })

  it('say that they are empty, and how to begin', () => {
    commit(placed(design(), { id: 'box', type: BOX, x: 0, y: 900 }))
    render(<Chain />)
    fireEvent.click(screen.getByRole('button', { name: /^Open Test box box/ }))
    expect(screen.getByText(/^Nothing inside yet: add a block/)).toBeDefined()
  })

  it('follow the address, and a link to none leads to the whole design', async () => {
    commit(groupInto(design(), { ids: ['c3'], type: BOX, newId: 'box' }))
    window.location.hash = `#/d/${design().id}/in/box`
    await vi.waitFor(() => expect(documentStore.getState().inside).toBe('box'))
    window.location.hash = `#/d/${design().id}/in/gone`
    await vi.waitFor(() => expect(documentStore.getState().inside).toBe(null))
    await vi.waitFor(() => expect(window.location.hash).toBe(`#/d/${design().id}`))
  })
})
