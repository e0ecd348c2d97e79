import { cleanup, render } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { CountUp } from './CountUp'

const write = (value: number) => `${value} points`
const motion = (wanted: boolean) =>
  vi.stubGlobal('matchMedia', (query: string) => ({ matches: wanted && query.includes('no-preference') }))

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'requestAnimationFrame', 'cancelAnimationFrame'] })
})

afterEach(() => {
  cleanup()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('a number counts from what it was to what it is', () => {
  motion(true)
  const { container, rerender } = render(<CountUp value={1000} write={write} />)
  expect(container.textContent).toBe('1000 points')
  rerender(<CountUp value={3000} write={write} />)
  expect(container.textContent).toBe('1000 points')
  vi.advanceTimersByTime(100)
  const between = Number.parseInt(container.textContent ?? '', 10)
  expect(between).toBeGreaterThan(1000)
  expect(between).toBeLessThan(3000)
  vi.advanceTimersByTime(1000)
  expect(container.textContent).toBe('3000 points')
  rerender(<CountUp value={2000} write={write} />)
  vi.advanceTimersByTime(1000)
  expect(container.textContent).toBe('2000 points')
})

test('without motion the new number is there at once', () => {
  motion(false)
  const { container, rerender } = render(<CountUp value={1} write={write} />)
  rerender(<CountUp value={2} write={write} />)
  expect(container.textContent).toBe('2 points')
})
