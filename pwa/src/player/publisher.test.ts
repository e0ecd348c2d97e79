import { expect, test } from 'vitest'
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
  publisher.shown()
  expect(sent).toEqual([['a'], ['a', 'b']])
  publisher.shown()
  expect(sent.length).toBe(2)
  publisher.change('b')
  expect(sent.at(-1)).toEqual(['b'])
})
