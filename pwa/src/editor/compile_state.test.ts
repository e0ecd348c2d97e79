import { beforeEach, expect, it, vi } from 'vitest'
import { openDocument, resetDocuments } from '../document/store'
import { sampleDesign } from '../document/test_designs'
import { goTo } from '../navigation/router'
import type { StoredCommand } from '../storage/commands'
import { compileDesign, compileStore, followCompile } from './compile_state'

const phone = vi.hoisted(() => ({ release: new Map<string, () => void>() }))

const commandOf = (designId: string) => ({ id: `k-${designId}`, kind: 'compile', designId, status: 'waiting' }) as StoredCommand

vi.mock('../storage/commands', () => ({
  enqueueCommand: async (_kind: string, designId: string) => `k-${designId}`,
  commandState: async (id: string) => commandOf(id.slice(2)),
  latestCommand: (_kind: string, designId: string) =>
    new Promise((resolve) => phone.release.set(designId, () => resolve(commandOf(designId)))),
  onCommandsChanged: () => () => {},
  cancelCommand: vi.fn(),
}))
vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { pythonState: createStore(() => ({ status: 'loading' })), generate: vi.fn(), validate: vi.fn() }
})
vi.mock('../sync/sync', () => ({ syncSoon: vi.fn() }))
vi.mock('../navigation/router', () => ({ goTo: vi.fn() }))

beforeEach(() => {
  resetDocuments()
  vi.mocked(goTo).mockClear()
})

it('the compile of a design that was left does not come up in the next one', async () => {
  const leave = followCompile('first')
  leave()
  const stop = followCompile('second')
  phone.release.get('second')?.()
  await vi.waitFor(() => expect(compileStore.getState().command?.designId).toBe('second'))
  phone.release.get('first')?.()
  for (let turn = 0; turn < 5; turn++) await Promise.resolve()
  expect(compileStore.getState()).toMatchObject({ designId: 'second', command: { designId: 'second' } })
  stop()
})

it('whoever leaves the design while its compile is asked for is not brought back', async () => {
  openDocument({ ...sampleDesign(), id: 'first' })
  const asking = compileDesign('first')
  openDocument(null)
  await asking
  expect(goTo).not.toHaveBeenCalled()
  openDocument({ ...sampleDesign(), id: 'first' })
  await compileDesign('first')
  expect(goTo).toHaveBeenCalledWith({ screen: 'code', id: 'first' })
})
