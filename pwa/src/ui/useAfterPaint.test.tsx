import { act, cleanup, renderHook } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { useAfterPaint } from './useAfterPaint'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  cleanup()
  vi.useRealTimers()
})

const nextFrame = () => act(() => vi.advanceTimersToNextFrame())
const timers = () => act(() => vi.advanceTimersByTime(1))

it('returns a new value after the frame in which it came', () => {
  const { result, rerender } = renderHook(useAfterPaint<string>, { initialProps: 'a' })
  rerender('b')
  expect(result.current).toBe('a')
  nextFrame()
  timers()
  expect(result.current).toBe('b')
})

it('leaves out a value that was replaced in the same frame', () => {
  const seen: string[] = []
  const { rerender } = renderHook(
    (value: string) => {
      seen.push(useAfterPaint(value))
    },
    { initialProps: 'a' },
  )
  rerender('b')
  rerender('c')
  nextFrame()
  timers()
  expect([...new Set(seen)]).toEqual(['a', 'c'])
})
