import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { PortOffer, Reply } from './protocol'

class FakeWorker {
  static readonly all: FakeWorker[] = []
  readonly messages: unknown[] = []
  onmessage: ((event: MessageEvent<Reply>) => void) | null = null
  onerror: ((event: ErrorEvent) => void) | null = null

  constructor() {
    FakeWorker.all.push(this)
  }
  postMessage(message: unknown): void {
    this.messages.push(message)
  }
  terminate(): void {}
  offers(): PortOffer[] {
    return this.messages.filter((message) => (message as PortOffer).type === 'port') as PortOffer[]
  }
}

beforeEach(() => {
  vi.resetModules()
  vi.useFakeTimers()
  vi.stubGlobal('Worker', FakeWorker)
  FakeWorker.all.length = 0
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const port = (): MessagePort => new MessageChannel().port1

test('who follows Python can give a port to every worker that is started, also before it is ready', async () => {
  const { followPython, retryPython } = await import('./client')
  const ports: MessagePort[] = []
  const end = followPython((offer) => {
    const made = port()
    ports.push(made)
    offer(made)
  })
  expect(FakeWorker.all.length).toBe(1)
  expect(FakeWorker.all[0]?.offers()).toEqual([{ type: 'port', port: ports[0] }])
  FakeWorker.all[0]?.onmessage?.({ data: { type: 'failed', detail: 'cut off' } } as MessageEvent<Reply>)
  retryPython()
  expect(FakeWorker.all.length).toBe(2)
  expect(FakeWorker.all[1]?.offers()).toEqual([{ type: 'port', port: ports[1] }])
  end()
  FakeWorker.all[1]?.onmessage?.({ data: { type: 'failed', detail: 'cut off' } } as MessageEvent<Reply>)
  retryPython()
  expect(FakeWorker.all[2]?.offers()).toEqual([])
  for (const made of ports) made.close()
})

test('a worker that runs already is followed at once', async () => {
  const { followPython, startPython } = await import('./client')
  startPython()
  const offered = port()
  followPython((offer) => offer(offered))
  expect(FakeWorker.all.length).toBe(1)
  expect(FakeWorker.all[0]?.offers()).toEqual([{ type: 'port', port: offered }])
  offered.close()
})
