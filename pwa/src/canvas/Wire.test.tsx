import { cleanup, render } from '@testing-library/react'
import type { EdgeProps } from '@xyflow/react'
import { afterEach, expect, test, vi } from 'vitest'
import type { WireEdge } from './flow'
import { noteNewWires } from './grown_wires'
import { Wire } from './Wire'

afterEach(() => {
  cleanup()
  vi.useRealTimers()
})

const ids = (...names: string[]) => names.map((id) => ({ id }))

/** Whether a connection grows when it is drawn now. */
function grows(id: string): boolean {
  const props = { id, sourceX: 0, sourceY: 0, targetX: 0, targetY: 96 } as EdgeProps<WireEdge>
  const { container } = render(
    <svg>
      <title>a drawing</title>
      <Wire {...props} />
    </svg>,
  )
  return container.querySelector(`path.wire[data-grows]`) !== null
}

test('a connection that was made just now grows, and no other', () => {
  noteNewWires(ids('a b'), ids('a b', 'b c'))
  expect(grows('b c')).toBe(true)
  expect(grows('a b')).toBe(false)
})

test('a connection that comes into view later does not grow', () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  noteNewWires([], ids('c d'))
  vi.advanceTimersByTime(400)
  expect(grows('c d')).toBe(false)
})

test('many connections at once do not grow', () => {
  noteNewWires([], ids(...'efghijk'))
  expect(grows('e')).toBe(false)
})
