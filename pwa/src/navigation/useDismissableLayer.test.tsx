import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { startKeyboard } from '../app/keyboard'
import { BottomSheet } from '../ui/BottomSheet'
import { layerCount } from './layers'
import { useDismissableLayer } from './useDismissableLayer'

vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { pythonState: createStore(() => ({ status: 'loading' })), validate: vi.fn(), generate: vi.fn(), canConnect: vi.fn() }
})

let stop: () => void
beforeEach(() => {
  stop = startKeyboard()
})
afterEach(() => {
  stop()
  cleanup()
})

function Mode({ onClose, open = true }: { onClose: () => void; open?: boolean }) {
  useDismissableLayer(onClose, open)
  return null
}

const pressEscape = () => fireEvent.keyDown(screen.queryByRole('button', { name: 'Close' }) ?? document.body, { key: 'Escape' })

it('Escape closes the topmost layer alone, though a dialog below has a key handler of its own', () => {
  const [closeSheet, closeMode] = [vi.fn(), vi.fn()]
  const sheet = (
    <BottomSheet title="Sheet" onClose={closeSheet}>
      text
    </BottomSheet>
  )
  const { rerender } = render(sheet)
  rerender(
    <>
      {sheet}
      <Mode onClose={closeMode} />
    </>,
  )
  act(() => void pressEscape())
  expect([closeMode.mock.calls.length, closeSheet.mock.calls.length]).toEqual([1, 0])
  rerender(sheet)
  act(() => void pressEscape())
  expect([closeMode.mock.calls.length, closeSheet.mock.calls.length]).toEqual([1, 1])
})

it('a layer that is not open, or whose component is gone, closes nothing', () => {
  const close = vi.fn()
  const { rerender } = render(<Mode onClose={close} open={false} />)
  expect(layerCount()).toBe(0)
  rerender(<Mode onClose={close} />)
  expect(layerCount()).toBe(1)
  rerender(<p>gone</p>)
  expect(layerCount()).toBe(0)
  act(() => void pressEscape())
  expect(close).not.toHaveBeenCalled()
})

it('a key that ends the input of a character is not meant for a layer', () => {
  const close = vi.fn()
  render(<Mode onClose={close} />)
  fireEvent.keyDown(document.body, { key: 'Escape', isComposing: true })
  expect(close).not.toHaveBeenCalled()
})
