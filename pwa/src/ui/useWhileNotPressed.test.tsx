import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import { useWhileNotPressed } from './useWhileNotPressed'

function List({ items }: { items: readonly string[] }) {
  return <p>{useWhileNotPressed(items).join(' ')}</p>
}

afterEach(() => {
  vi.useRealTimers()
  cleanup()
})

it('changes what is shown only when no finger is on the screen', () => {
  vi.useFakeTimers()
  const { rerender } = render(<List items={['a', 'b']} />)
  rerender(<List items={['b', 'a']} />)
  expect(screen.getByText('b a')).toBeTruthy()

  fireEvent.pointerDown(document.body)
  rerender(<List items={['c']} />)
  fireEvent.pointerUp(document.body)
  act(() => vi.advanceTimersByTime(1))
  expect(screen.getByText('b a'), 'the click has not come yet').toBeTruthy()
  fireEvent.click(document.body)
  act(() => vi.advanceTimersByTime(1))
  expect(screen.getByText('c')).toBeTruthy()

  fireEvent.pointerDown(document.body)
  rerender(<List items={['d']} />)
  fireEvent.pointerCancel(document.body)
  act(() => vi.runAllTimers())
  expect(screen.getByText('d')).toBeTruthy()
})
