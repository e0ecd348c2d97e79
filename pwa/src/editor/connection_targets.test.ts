import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { readingOrder } from '../document/order'
import { documentStore, openDocument, resetDocuments } from '../document/store'
import { sampleDesign } from '../document/test_designs'
import type { ConnectionCheck, ModelArchitecture } from '../generated/wire'
import { canConnect, pythonState } from '../python/client'
import { recordToasts } from '../ui/test_toasts'
import { connectBlocks } from './actions'
import { type Target, targetsStore, watchTargets } from './connection_targets'
import { problemOf } from './test_validation'
import { uiStore } from './ui_state'

vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { pythonState: createStore(() => ({ status: 'ready' })), validate: vi.fn(), generate: vi.fn(), canConnect: vi.fn() }
})

const design = (): ModelArchitecture => documentStore.getState().design as ModelArchitecture
const whole = () => vi.waitUntil(() => targetsStore.getState().all)
const codes = () => Object.fromEntries([...targetsStore.getState().known].map(([id, { refusal }]) => [id, refusal?.code]))

/** Answers as the worker does: of two questions the newer, the older is dropped. */
function answering(codeOf: (target: string) => string | null) {
  let drop = () => {}
  vi.mocked(canConnect).mockImplementation((_design, _source, target) => {
    drop()
    return new Promise<ConnectionCheck>((resolve, reject) => {
      const code = codeOf(target)
      const problem = code === null ? null : problemOf(code)
      drop = () => reject(new DOMException('superseded', 'AbortError'))
      queueMicrotask(() => resolve({ ok: code === null, reason: problem?.message ?? null, problem }))
    })
  })
}

const toasts = recordToasts()
let stop = () => {}
beforeEach(() => {
  resetDocuments()
  openDocument(sampleDesign())
  uiStore.setState({ connecting: null })
  pythonState.setState({ status: 'ready' })
  vi.mocked(canConnect).mockReset()
  stop = watchTargets()
})
afterEach(() => stop())

describe('the targets of an edge', () => {
  it('are those that Python allows, and every other block with the reason', async () => {
    const [first, source, fed, far] = readingOrder(design()).map(({ id }) => id) as [string, string, string, string]
    answering((target) => (target === far ? 'too_wide' : null))
    uiStore.setState({ connecting: source })
    await whole()
    expect(Object.keys(codes()).sort()).toEqual(
      design()
        .components.flatMap(({ id }) => (id === source ? [] : [id]))
        .sort(),
    )
    expect(codes()).toMatchObject({
      [first]: 'edge_into_an_input',
      [fed]: 'edge_exists',
      [far]: 'too_wide',
    })
    expect(Object.values(codes()).filter((reason) => reason === undefined)).not.toHaveLength(0)
    const asked = vi.mocked(canConnect).mock.calls.map(([, , target]) => target)
    expect(asked).not.toContain(first)
  })

  it('are forgotten with the edge', async () => {
    answering(() => null)
    uiStore.setState({ connecting: 'c2' })
    await whole()
    uiStore.setState({ connecting: null })
    expect(targetsStore.getState()).toEqual({ known: new Map<string, Target>(), all: false })
  })

  it('are asked again once Python is there', async () => {
    pythonState.setState({ status: 'loading' })
    answering(() => 'too_wide')
    uiStore.setState({ connecting: 'c2' })
    await whole()
    expect(canConnect).not.toHaveBeenCalled()
    pythonState.setState({ status: 'ready' })
    await whole()
    expect(Object.values(codes())).not.toContain(undefined)
  })

  it('ask no more once one was tapped, so that its own answer is heard', async () => {
    answering(() => 'too_wide')
    uiStore.setState({ connecting: 'c2' })
    uiStore.setState({ connecting: null })
    expect(await connectBlocks('c2', 'c5')).toBe(false)
    expect(toasts().at(-1)?.text).toBe('Too wide')
    expect(canConnect).toHaveBeenCalledTimes(2)
  })
})
