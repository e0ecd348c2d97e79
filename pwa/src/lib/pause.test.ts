import { afterEach, expect, test, vi } from 'vitest'
import { pause } from './pause'

afterEach(() => vi.unstubAllGlobals())

test('what waits already goes first', async () => {
  const order: string[] = []
  queueMicrotask(() => order.push('microtask'))
  const { port1, port2 } = new MessageChannel()
  port1.onmessage = () => {
    order.push('task')
    port1.close()
  }
  port2.postMessage(null)
  await pause()
  order.push('after the pause')
  expect(order).toEqual(['microtask', 'task', 'after the pause'])
})

test.each([
  ['a page uses the scheduler of the browser', {}, 1],
  ['a worker does not, since messages would wait without end', undefined, 0],
])('%s', async (_, page, calls) => {
  const yielded = vi.fn(async () => {})
  vi.stubGlobal('scheduler', { yield: yielded })
  if (page) vi.stubGlobal('document', page)
  await pause()
  expect(yielded).toHaveBeenCalledTimes(calls)
})
