import 'fake-indexeddb/auto'
import { afterEach, expect, it, vi } from 'vitest'
import { closeChannel } from '../storage/changes'
import { readQueue, storeAnswer } from '../storage/telemetry'
import { loadConsent } from './consent'
import { startTelemetry } from './recorder'

afterEach(closeChannel)

it('starts where a screen has read the answer before', async () => {
  vi.stubGlobal('fetch', async () => Promise.reject(new TypeError('Failed to fetch')))
  await storeAnswer('yes')
  await loadConsent()
  await startTelemetry()
  dispatchEvent(Object.assign(new Event('unhandledrejection'), { reason: new RangeError('late') }))
  await vi.waitFor(async () => expect((await readQueue())?.events).toMatchObject([{ name: 'RangeError' }]))
})
