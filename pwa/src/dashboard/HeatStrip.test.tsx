import { cleanup, render, screen } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { containerKinds, titleOf } from '../document/catalogue'
import { groupInto } from '../document/contain'
import { levelOf } from '../document/inside'
import { readingOrder } from '../document/order'
import { openDocument, resetDocuments } from '../document/store'
import { sampleDesign } from '../document/test_designs'
import type { Component, ModelArchitecture } from '../generated/wire'
import { HeatStrip } from './HeatStrip'

afterEach(cleanup)

const titlesIn = (list: HTMLElement) => [...list.children].map((item) => item.querySelector(':scope > span')?.textContent)
const inOrder = (design: ModelArchitecture, place: string | null) => readingOrder(levelOf(design, place)).map(titleOf)

it('tells the design in its order, what lies in a container within it, however high it stands', () => {
  const [, , third, fourth] = readingOrder(sampleDesign()) as [Component, Component, Component, Component]
  const type = containerKinds()[0]?.type ?? ''
  const { design } = groupInto(sampleDesign(), { ids: [third.id, fourth.id], type, newId: 'box' })
  for (const component of design.components) if (component.inside === 'box') component.y -= 5000
  resetDocuments()
  openDocument(design)
  render(<HeatStrip />)
  const box = design.components.find(({ id }) => id === 'box') as Component
  expect(titlesIn(screen.getByRole('list', { name: 'The design' }))).toEqual(inOrder(design, null))
  expect(titlesIn(screen.getByRole('list', { name: `Inside ${titleOf(box)}` }))).toEqual([titleOf(third), titleOf(fourth)])
})
