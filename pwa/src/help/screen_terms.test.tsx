import { cleanup, render } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import { underline } from './screen_terms'

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

it('marks the elements of its words with forced colours, where a highlight would look like selected text', () => {
  vi.stubGlobal('CSS', { highlights: new Map() })
  vi.stubGlobal('Highlight', class {})
  let isForced = true
  vi.stubGlobal('matchMedia', () => ({ matches: isForced }))
  const { container } = render(
    <main>
      <p>The learning rate falls.</p>
      <p>Plain words.</p>
    </main>,
  )
  const marked = () => [...container.querySelectorAll('[data-terms]')].map(({ textContent }) => textContent)
  underline()
  expect(marked()).toEqual(['The learning rate falls.'])
  isForced = false
  underline()
  expect(marked()).toEqual([])
})
