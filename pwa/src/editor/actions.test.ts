import { beforeEach, describe, expect, it, vi } from 'vitest'
import { containerKinds } from '../document/catalogue'
import { rename } from '../document/commands'
import { inputsOf } from '../document/order'
import { commit, documentStore, openDocument, resetDocuments, select, undo } from '../document/store'
import { passingBlock, sampleDesign } from '../document/test_designs'
import type { BlockKind, ConnectionCheck, ModelArchitecture } from '../generated/wire'
import { canConnect, findPlace, pythonState, validate } from '../python/client'
import { recordToasts } from '../ui/test_toasts'
import { toastManager } from '../ui/toasts'
import { addBlock, connectBlocks, deleteSelected, duplicateBlock, groupBlocks } from './actions'
import { problemOf, resultWith } from './test_validation'
import { uiStore } from './ui_state'
import { validationStore } from './validation'

vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  return {
    pythonState: createStore(() => ({ status: 'ready' })),
    validate: vi.fn(),
    generate: vi.fn(),
    canConnect: vi.fn(),
    findPlace: vi.fn(),
  }
})

const toasts = recordToasts()
const design = (): ModelArchitecture => documentStore.getState().design as ModelArchitecture
/** Let Python answer that a block fits behind a component, on all edges that leave it. */
const fitsAfter = (source: string) =>
  vi.mocked(findPlace).mockImplementation(async (json, id) => {
    const { edges } = JSON.parse(json) as ModelArchitecture
    const cut = edges.filter(([from]) => from === source)
    const join = cut.map(([, target]) => ({ source: id, target, at: 0 }))
    const target = cut[0]?.[1] ?? null
    return { source, target, cut, join: [...join, { source, target: id, at: 0 }], ...valid }
  })
const valid = { valid: true, problems: 0, validation: resultWith({ parameters: 7 }) }

beforeEach(() => {
  resetDocuments()
  openDocument(sampleDesign())
  uiStore.setState({ sheet: null })
  pythonState.setState({ status: 'ready' })
})

describe('addBlock', () => {
  it('asks Python once: for the place together with the validation of the result', async () => {
    fitsAfter('c2')
    vi.mocked(findPlace).mockClear()
    await addBlock(passingBlock(), 'c4')
    expect(findPlace).toHaveBeenCalledTimes(1)
    expect(validationStore.getState()).toMatchObject({ result: { parameters: 7 }, forDesign: design(), by: 'phone' })
    expect(validate).not.toHaveBeenCalled()
    expect(canConnect).not.toHaveBeenCalled()
  })

  it('goes where Python says that it fits, as one undo step', async () => {
    const before = design()
    fitsAfter('c2')
    await addBlock(passingBlock(), 'c4')
    const added = design().components.at(-1)
    expect(inputsOf(design(), added?.id ?? '')).toEqual(['c2'])
    expect(vi.mocked(findPlace).mock.lastCall?.slice(1)).toEqual([added?.id, 'c4', undefined])
    undo()
    expect(design()).toEqual(before)
  })

  it('goes after the selected block while Python is not ready', async () => {
    pythonState.setState({ status: 'loading' })
    await addBlock(passingBlock(), 'c3')
    expect(inputsOf(design(), design().components.at(-1)?.id ?? '')).toEqual(['c3'])
  })

  it('goes after the selected block where Python does not answer', async () => {
    vi.mocked(findPlace).mockRejectedValue(new Error('no answer'))
    await addBlock(passingBlock(), 'c3')
    expect(inputsOf(design(), design().components.at(-1)?.id ?? '')).toEqual(['c3'])
  })
})

it('duplicates a block with its values, after the original', async () => {
  fitsAfter('c3')
  openDocument({
    ...design(),
    components: design().components.map((component) =>
      component.id === 'c3' ? { ...component, props: { bias: false } } : component,
    ),
  })
  await duplicateBlock('c3')
  const copy = design().components.at(-1)
  expect(copy?.props).toEqual({ bias: false })
  expect(inputsOf(design(), copy?.id ?? '')).toEqual(['c3'])
})

describe('deleteSelected', () => {
  it('offers its undo by name, which brings the component back', () => {
    const before = design()
    select(['c4'])
    deleteSelected()
    expect(design()).not.toEqual(before)
    expect(toasts()).toMatchObject([{ text: 'Deleted Transformer layer 2', button: 'Undo: delete Transformer layer 2' }])
    toasts()[0]?.press()
    expect(design()).toEqual(before)
  })

  it('takes the report of an edit back when it is undone, not with a later edit', async () => {
    const close = vi.spyOn(toastManager, 'close')
    fitsAfter('c2')
    await addBlock(passingBlock(), 'c4')
    const report = toasts().at(-1)?.text
    commit(rename(design(), { name: 'Another' }))
    undo()
    expect(close).not.toHaveBeenCalled()
    undo()
    expect(close).toHaveBeenCalledExactlyOnceWith(report)
    close.mockRestore()
  })

  it('counts several components in one undo', () => {
    select(['c3', 'c4'])
    deleteSelected()
    expect(toasts().at(-1)?.button).toBe('Undo: delete 2 blocks')
  })

  it('takes its offer back with the next change, which the same button would undo in its place', () => {
    const close = vi.spyOn(toastManager, 'close')
    select(['c4'])
    deleteSelected()
    expect(close).not.toHaveBeenCalled()
    commit(rename(design(), { name: 'Another' }))
    expect(close).toHaveBeenCalledExactlyOnceWith('Deleted Transformer layer 2')
    close.mockRestore()
  })
})

describe('groupBlocks', () => {
  const said = () => toasts().at(-1)?.text
  const judged = (parameters: number) => validationStore.setState({ result: resultWith({ parameters }), forDesign: design() })
  const [container] = containerKinds() as [BlockKind]

  it('says what became of the size once that is known', async () => {
    judged(1000)
    groupBlocks(['c3'], container.type)
    expect(said()).toBeUndefined()
    judged(1500)
    await vi.waitFor(() => expect(said()).toMatch(/^Grouped Transformer layer 1 into .*: 1,000 → 1,500 parameters$/))
  })

  it('says no more than it did where the size stays, or the design has changed since', async () => {
    judged(1000)
    groupBlocks(['c3'], container.type)
    judged(1000)
    await vi.waitFor(() => expect(said()).toMatch(/^Grouped Transformer layer 1 into \S+( \d)?$/))
    groupBlocks(['c4'], container.type)
    commit(rename(design(), { name: 'Another' }))
    await vi.waitFor(() => expect(said()).toMatch(/^Grouped Transformer layer 2 into \S+( \d)?$/))
  })
})

describe('connectBlocks', () => {
  const answer = (said: ConnectionCheck) => vi.mocked(canConnect).mockResolvedValue(said)

  it('says why an edge is refused and draws none', async () => {
    const problem = problemOf('takes_a_board', { component_id: 'c5' })
    answer({ ok: false, reason: 'of no interest', problem })
    expect(await connectBlocks('c2', 'c5')).toBe(false)
    expect(toasts().at(-1)).toMatchObject({ text: 'Router: takes a board', tone: 'bad' })
    expect(inputsOf(design(), 'c5')).toEqual(['c4'])
  })

  it('asks about the design in which the full input has made way', async () => {
    answer({ ok: true, reason: null, problem: null })
    await connectBlocks('c2', 'c5')
    const asked = JSON.parse(vi.mocked(canConnect).mock.lastCall?.[0] ?? '{}') as ModelArchitecture
    expect(inputsOf(asked, 'c5')).toEqual([])
    expect(inputsOf(design(), 'c5')).toEqual(['c2'])
  })
})

describe('an answer that comes after its design was left', () => {
  const other = (): ModelArchitecture => ({ ...sampleDesign(), id: 'another' })
  /** Python answers when the test says so. */
  const held = <T>(asked: { mockImplementation: (answer: () => Promise<T>) => unknown }, said: T): (() => void) => {
    let release = (): void => {}
    asked.mockImplementation(() => new Promise((resolve) => (release = () => resolve(said))))
    return () => release()
  }

  it('adds no block to the design that is open by then', async () => {
    const release = held(vi.mocked(findPlace), { source: 'c4', target: null, cut: [], join: [], ...valid })
    const adding = addBlock(passingBlock(), 'c4')
    openDocument(other())
    release()
    await adding
    expect(design()).toEqual(other())
  })

  it('draws no edge in it and says nothing', async () => {
    const release = held(vi.mocked(canConnect), { ok: true, reason: null, problem: null })
    const connecting = connectBlocks('c2', 'c5')
    openDocument(other())
    release()
    expect(await connecting).toBe(false)
    expect(design()).toEqual(other())
    expect(toasts()).toEqual([])
  })
})
