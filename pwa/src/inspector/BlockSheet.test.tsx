import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nameOf } from '../document/catalogue'
import { setProperty } from '../document/commands'
import { findComponent } from '../document/edits'
import { commit, documentStore, openDocument, resetDocuments, undo } from '../document/store'
import { passingBlock, sampleDesign } from '../document/test_designs'
import { resultWith } from '../editor/test_validation'
import { uiStore } from '../editor/ui_state'
import { validationStore } from '../editor/validation'
import type { Component, ModelArchitecture } from '../generated/wire'
import { BlockSheet } from './BlockSheet'

vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { pythonState: createStore(() => ({ status: 'loading' })), validate: vi.fn(), generate: vi.fn(), canConnect: vi.fn() }
})

const block = (): Component => {
  const design = documentStore.getState().design
  const found = design?.components.find(({ type }) => type === passingBlock())
  if (!found) throw new Error('the template has no such block')
  return found
}

beforeEach(() => {
  resetDocuments()
  openDocument(sampleDesign())
  validationStore.setState({ result: null, forDesign: null, trouble: undefined })
  uiStore.setState({ sheet: { name: 'block', id: block().id } })
})
afterEach(cleanup)

const open = () => {
  render(<BlockSheet id={block().id} />)
  return within(screen.getByRole('dialog', { name: nameOf(block()) }))
}

describe('a block’s sheet', () => {
  it('is a dialog named after the block, with every property by its wire name', () => {
    const sheet = open()
    expect(sheet.getByRole('spinbutton', { name: 'd_model' })).toBeDefined()
    expect(sheet.getByRole('combobox', { name: 'n_heads' })).toBeDefined()
    expect(sheet.getByRole('slider', { name: 'dropout' })).toBeDefined()
    expect(sheet.getByRole('switch', { name: 'bias' })).toBeDefined()
    expect(sheet.getByRole('button', { name: 'Duplicate' })).toBeDefined()
    expect(sheet.getByRole('button', { name: 'Delete' })).toBeDefined()
  })

  it('stores what was typed once typing pauses, as one undo step', () => {
    vi.useFakeTimers()
    const field = open().getByRole('spinbutton', { name: 'd_model' })
    for (const text of ['2', '25', '256']) fireEvent.change(field, { target: { value: text } })
    expect(block().props.d_model).toBeUndefined()
    vi.advanceTimersByTime(300)
    expect(block().props.d_model).toBe(256)
    expect(documentStore.getState().past).toHaveLength(1)
    undo()
    expect(block().props.d_model).toBeUndefined()
    vi.useRealTimers()
  })

  it('stores at once on leaving the field', () => {
    const field = open().getByRole('spinbutton', { name: 'd_model' })
    fireEvent.change(field, { target: { value: '130' } })
    fireEvent.blur(field)
    expect(block().props.d_model).toBe(130)
  })

  it('does not store what is not a number, and says so', () => {
    const sheet = open()
    const field = sheet.getByRole('spinbutton', { name: 'd_model' })
    fireEvent.change(field, { target: { value: 'wide' } })
    expect(sheet.getByRole('alert').textContent).toBe('Needs a number')
    fireEvent.blur(field)
    expect(block().props.d_model).toBeUndefined()
  })

  it('steps on the grid of the catalogue', () => {
    const sheet = open()
    const before = documentStore.getState().design?.meta.d_model ?? 0
    fireEvent.click(sheet.getByRole('button', { name: 'More d_model' }))
    expect(block().props.d_model).toBe(before + 8)
  })

  it('offers only the divisors of the width', () => {
    const sheet = open()
    const offered = within(sheet.getByRole('combobox', { name: 'n_heads' })).getAllByRole('option')
    const width = documentStore.getState().design?.meta.d_model ?? 1
    expect(offered.map((option) => width % Number(option.textContent))).toEqual(offered.map(() => 0))
    fireEvent.change(sheet.getByRole('combobox', { name: 'n_heads' }), { target: { value: '8' } })
    expect(block().props.n_heads).toBe(8)
  })

  it('takes a block away and closes', () => {
    const { id } = block()
    fireEvent.click(open().getByRole('button', { name: 'Delete' }))
    expect(documentStore.getState().design && findComponent(documentStore.getState().design as never, id)).toBeUndefined()
    expect(uiStore.getState().sheet).toBeNull()
  })

  it('shows the problem of a field, with its fix', () => {
    const { id } = block()
    validationStore.setState({
      result: resultWith({
        problems: [
          {
            code: 'heads_do_not_divide',
            component_id: id,
            field: 'n_heads',
            message: 'n_heads must divide d_model',
            expected: null,
            received: null,
            params: {},
            fix: {
              action: 'set_property',
              component_id: id,
              field: 'n_heads',
              value: 2,
              label: 'Set n_heads to 2',
              label_code: '',
              label_params: {},
            },
          },
        ],
      }),
    })
    const sheet = open()
    expect(sheet.getByText('n_heads must divide d_model')).toBeDefined()
    fireEvent.click(sheet.getByRole('button', { name: 'Set n_heads to 2' }))
    expect(block().props.n_heads).toBe(2)
  })

  it('offers the inherited value once where the fix is the same', () => {
    const { id } = block()
    const meta = documentStore.getState().design?.meta.d_model ?? 0
    const fixTo = (value: number) => ({
      result: resultWith({
        problems: [
          {
            code: 'shape_mismatch',
            component_id: id,
            field: 'd_model',
            message: 'd_model differs',
            expected: null,
            received: null,
            params: {},
            fix: {
              action: 'set_property' as const,
              component_id: id,
              field: 'd_model',
              value,
              label: `Set d_model to ${value}`,
              label_code: '',
              label_params: {},
            },
          },
        ],
      }),
    })
    commit(setProperty(documentStore.getState().design as ModelArchitecture, { id, field: 'd_model', value: 8 }))
    validationStore.setState(fixTo(16))
    const sheet = open()
    expect(sheet.getByRole('button', { name: /^Use the design’s/ })).toBeDefined()
    act(() => validationStore.setState(fixTo(meta)))
    expect(sheet.queryByRole('button', { name: /^Use the design’s/ })).toBeNull()
    fireEvent.click(sheet.getByRole('button', { name: `Set d_model to ${meta}` }))
    expect(block().props).not.toHaveProperty('d_model')
  })
})
