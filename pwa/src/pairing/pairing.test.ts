import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { fetchJson } from '../api/fetch_json'
import { ApiProblem } from '../api/problem'
import type { Device } from '../generated/wire'
import { pair, pairEarly } from './pairing'

vi.mock('../sync/sync', () => ({ syncSoon: vi.fn() }))
vi.mock('../api/fetch_json', async (original) => ({ ...(await original<object>()), fetchJson: vi.fn() }))

const CODE = '7K3M-9QXD-2HVB'
const phone: Device = {
  id: 'v1',
  name: 'Chrome on Android',
  paired_at: '2026-11-01T10:00:00.000Z',
  last_used_at: '2026-11-30T10:00:00.000Z',
  current: true,
}
const sent = vi.mocked(fetchJson)

beforeEach(() => {
  vi.stubGlobal('navigator', { userAgent: 'Chrome on Android' })
  vi.stubGlobal('matchMedia', () => ({ matches: false }))
})
afterEach(() => {
  sent.mockReset()
  vi.unstubAllGlobals()
})

it('a code is exchanged before the app is shown, and once more only when it is entered again', async () => {
  sent.mockResolvedValue(phone)
  expect(await pairEarly(`#/pair/${CODE}`)).toEqual(phone)
  expect(sent).toHaveBeenCalledExactlyOnceWith('/api/pair', { method: 'POST', json: { code: CODE, name: expect.any(String) } })
  await pair(CODE, 'Kitchen')
  expect(sent).toHaveBeenCalledTimes(2)
})

it('the pairing sheet shows a refusal without a second try, and then tries again when asked', async () => {
  sent.mockRejectedValueOnce(new ApiProblem({ status: 410, title: 'Refused', detail: 'This code has been used' }))
  expect(await pairEarly(CODE)).toBeUndefined()
  await expect(pair(CODE, 'Kitchen')).rejects.toMatchObject({ status: 410 })
  expect(sent).toHaveBeenCalledTimes(1)
  sent.mockResolvedValue(phone)
  expect(await pair(CODE, 'Kitchen')).toEqual(phone)
})

it('another code than that of the address is exchanged by itself', async () => {
  sent.mockRejectedValueOnce(new ApiProblem({ status: 410, title: 'Refused', detail: 'This code has been used' }))
  await pairEarly(CODE)
  sent.mockResolvedValue(phone)
  await pair('AAAA-BBBB-CCCC', 'Kitchen')
  expect(sent.mock.lastCall?.[1]?.json).toEqual({ code: 'AAAA-BBBB-CCCC', name: 'Kitchen' })
})

it('on an iPhone the sheet shows the next step, with the pairing that has been made', async () => {
  vi.stubGlobal('navigator', { userAgent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Safari/604.1' })
  sent.mockResolvedValue(phone)
  expect(await pairEarly(CODE)).toBeUndefined()
  expect(await pair(CODE, 'Phone')).toEqual(phone)
  expect(sent).toHaveBeenCalledTimes(1)
})

it('a text that is no code is not sent', async () => {
  expect(await pairEarly('#/pair/abc')).toBeUndefined()
  expect(sent).not.toHaveBeenCalled()
})
