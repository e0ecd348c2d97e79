import { afterEach, expect, test, vi } from 'vitest'
import { Publisher } from './publisher'

test('what changes before the page has shown the last state is sent once, afterwards', () => {
  const sent: string[][] = []
  const publisher = new Publisher<'a' | 'b'>((parts) => sent.push([...parts]))
  publisher.change('a')
  expect(sent).toEqual([['a']])
  publisher.change('a')
  publisher.change('b')
  publisher.change('a')
  expect(sent.length).toBe(1)
  publisher.applied()
  expect(sent).toEqual([['a'], ['a', 'b']])
  publisher.applied()
  expect(sent.length).toBe(2)
  publisher.change('b')
  expect(sent.at(-1)).toEqual(['b'])
})

afterEach(() => vi.useRealTimers())

test('what may rest is sent that long after what was sent last, and with what may not', () => {
  vi.useFakeTimers()
  const sent: string[][] = []
  const publisher = new Publisher<'a' | 'b'>((parts) => sent.push([...parts]))
  const send = (part: 'a' | 'b', restMs?: number) => {
    publisher.change(part, restMs)
    publisher.applied()
  }
  send('a', 100)
  expect(sent).toEqual([['a']])
  vi.advanceTimersByTime(60)
  send('a', 100)
  vi.advanceTimersByTime(39)
  expect(sent.length).toBe(1)
  vi.advanceTimersByTime(1)
  expect(sent).toEqual([['a'], ['a']])
  publisher.applied()
  send('a', 100)
  send('b')
  expect(sent.slice(2)).toEqual([['a', 'b']])
  vi.advanceTimersByTime(1000)
  expect(sent.length).toBe(3)
})
