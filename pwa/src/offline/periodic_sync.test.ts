// @vitest-environment jsdom
import { afterEach, expect, it, vi } from 'vitest'
import { registerPeriodicSync } from './offline'

vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { pythonState: createStore(() => ({ status: 'loading' })) }
})

afterEach(() => vi.unstubAllGlobals())

const register = vi.fn(async (_tag: string, _options: { minInterval: number }) => {})
const registration = (periodicSync?: object) => ({ periodicSync }) as unknown as ServiceWorkerRegistration
const permit = (query: () => Promise<{ state: string }>) => vi.stubGlobal('navigator', { permissions: { query } })

it('asks to be woken where it is granted, and nowhere else', async () => {
  permit(async () => ({ state: 'prompt' }))
  await registerPeriodicSync(registration({ register }))
  permit(() => Promise.reject(new TypeError('unknown permission')))
  await registerPeriodicSync(registration({ register }))
  expect(register).not.toHaveBeenCalled()
  permit(async () => ({ state: 'granted' }))
  await registerPeriodicSync(registration())
  await registerPeriodicSync(registration({ register }))
  expect(register).toHaveBeenCalledExactlyOnceWith('designs', { minInterval: 12 * 3_600_000 })
})
