import { cleanup, fireEvent, render, screen, within } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { uiStore } from '../editor/ui_state'
import { closeLayers, layerCount } from '../navigation/layers'
import { Glossary } from './Glossary'
import { findTerms } from './glossary'
import { HelpSheet } from './HelpSheet'

beforeEach(() => {
  // jsdom has no layout: every point is in the middle of the first text below the element that is hit
  Range.prototype.getClientRects = () => [{ left: 0, right: 100, top: 0, bottom: 20 }] as unknown as DOMRectList
})
afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

/** Tap the text of an element, at one of its letters. */
function tap(text: string, offset: number): void {
  const node = screen.getByText(text).firstChild as Text
  document.caretPositionFromPoint = () => ({ offsetNode: node, offset }) as unknown as CaretPosition
  fireEvent.click(node.parentElement as Element, { clientX: 10, clientY: 10 })
}

const card = () => screen.queryByRole('dialog')

it('explains the word that is tapped, and Back or a tap elsewhere closes it', () => {
  render(
    <main>
      <p>Each rollout is learned from once</p>
      <button type="button">Train by PPO</button>
      <Glossary />
    </main>,
  )
  tap('Each rollout is learned from once', 7)
  expect(card()?.getAttribute('aria-labelledby')).toBe('term-name')
  expect(within(card() as HTMLElement).getByRole('heading').textContent).toBe('rollout')
  expect(document.activeElement).toBe(card())
  expect(layerCount()).toBe(1)
  closeLayers()
  tap('Each rollout is learned from once', 20)
  expect(card(), 'a plain word').toBeNull()
  tap('Train by PPO', 10)
  expect(card(), 'a button does its own work').toBeNull()
  tap('Each rollout is learned from once', 7)
  tap('Each rollout is learned from once', 20)
  expect(card()).toBeNull()
})

it('does not mark words in a quoted name', () => {
  const words = (text: string): string[] => findTerms(text).map(({ start, end }) => text.slice(start, end))
  expect(words('“Mixture of experts”, from new weights')).toEqual(['weights'])
  expect(words('Behind “Expert router” waits a rollout of “PPO”')).toEqual(['rollout'])
  expect(words('An expert without an end “quote')).toEqual(['expert'])
})

it('leads to all words, of which those on the screen come first', () => {
  render(
    <main>
      <p>A minibatch of (B, 16, d)</p>
      <Glossary />
    </main>,
  )
  tap('A minibatch of (B, 16, d)', 4)
  fireEvent.click(screen.getByRole('button', { name: 'All words' }))
  expect(uiStore.getState().sheet).toEqual({ name: 'help' })
  render(<HelpSheet />)
  const here = screen.getByRole('region', { name: 'Words on this screen' })
  expect(
    within(here)
      .getAllByRole('term')
      .map(({ textContent }) => textContent),
  ).toEqual(['minibatch', 'shape'])
  fireEvent.change(screen.getByRole('searchbox', { name: 'Find a word' }), { target: { value: 'afterstate' } })
  expect(screen.getAllByRole('term').some(({ textContent }) => textContent === 'afterstate TD')).toBe(true)
  expect(screen.queryByRole('region', { name: 'Words on this screen' })).toBeNull()
})
