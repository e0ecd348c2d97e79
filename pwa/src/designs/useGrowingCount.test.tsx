import { act, renderHook } from '@testing-library/react'
import { expect, it, vi } from 'vitest'
import { useGrowingCount } from './useGrowingCount'

it('shows a long list piece by piece, and never more than there is', () => {
  const frames: FrameRequestCallback[] = []
  vi.stubGlobal('requestAnimationFrame', (frame: FrameRequestCallback) => frames.push(frame))
  vi.stubGlobal('cancelAnimationFrame', () => {})
  const { result, rerender } = renderHook(({ total }) => useGrowingCount(total), { initialProps: { total: 25 } })
  const counts = [result.current]
  for (let frame = frames.shift(); frame; frame = frames.shift()) {
    const draw = frame
    act(() => draw(0))
    counts.push(result.current)
  }
  expect(counts).toEqual([10, 20, 25])
  rerender({ total: 3 })
  expect(result.current).toBe(3)
  vi.unstubAllGlobals()
})
