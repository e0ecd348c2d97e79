import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import * as commands from '../document/commands'
import { commit, documentStore, openDocument, resetDocuments } from '../document/store'
import { sampleDesign } from '../document/test_designs'
import type { ModelArchitecture, ValidationResult } from '../generated/wire'
import { pythonState, validate } from '../python/client'
import { marksOf } from './block_marks'
import { problemOf, resultWith } from './test_validation'
import { startChecking, validationStore } from './validation'

vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { pythonState: createStore(() => ({ status: 'ready' })), validate: vi.fn() }
})

let waiting: { design: ModelArchitecture; answer: (result: ValidationResult) => void; fail: (why: Error) => void }[]
let stop: () => void

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('requestAnimationFrame', (then: () => void) => setTimeout(then, 0))
  vi.stubGlobal('cancelAnimationFrame', clearTimeout)
  waiting = []
  vi.mocked(validate).mockImplementation(
    (json) =>
      new Promise((answer, fail) => {
        waiting.push({ design: JSON.parse(json) as ModelArchitecture, answer, fail })
      }),
  )
  resetDocuments()
  stop = startChecking()
  openDocument(sampleDesign())
})
afterEach(() => {
  stop()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

const drag = (value: number) => {
  const { design } = documentStore.getState()
  if (design) commit(commands.setProperty(design, { id: 'c3', field: 'dropout', value }))
}
/** Every frame and answer that is due. */
const settled = () => vi.advanceTimersByTimeAsync(5)
const asked = () => waiting.map(({ design }) => design.components.find(({ id }) => id === 'c3')?.props.dropout)

it('follows a drag: every answer is shown, the newest value is asked next', async () => {
  await settled()
  drag(0.1)
  await settled()
  drag(0.2)
  drag(0.3)
  await settled()
  expect(asked()).toEqual([undefined])
  waiting[0]?.answer(resultWith({ parameters: 1 }))
  await settled()
  expect(validationStore.getState().result?.parameters).toBe(1)
  expect(asked()).toEqual([undefined, 0.3])
  waiting[1]?.answer(resultWith({ parameters: 3 }))
  await settled()
  expect(validationStore.getState()).toMatchObject({ result: { parameters: 3 }, forDesign: documentStore.getState().design })
  expect(waiting).toHaveLength(2)
})

it('asks again where somebody else’s question came in between', async () => {
  await settled()
  waiting[0]?.fail(new DOMException('superseded', 'AbortError'))
  await settled()
  expect(waiting).toHaveLength(2)
})

it('does not show the result on one design under another', async () => {
  await settled()
  openDocument({ ...sampleDesign(), id: 'other' })
  await settled()
  waiting[0]?.answer(resultWith({ parameters: 1 }))
  await settled()
  expect(validationStore.getState().result).toBe(null)
  waiting[1]?.answer(resultWith({ parameters: 2 }))
  await settled()
  expect(validationStore.getState().result?.parameters).toBe(2)
})

it('does not ask for ever when Python does not answer', async () => {
  await settled()
  waiting[0]?.fail(new Error('no answer'))
  await settled()
  expect(validationStore.getState().trouble).toMatch(/^Not checked/)
  expect(waiting).toHaveLength(1)
  pythonState.setState({ status: 'ready', detail: 'again' })
  await settled()
  expect(waiting).toHaveLength(2)
})

it('marks blocks, and the containers around them', () => {
  const problem = (component_id: string, code: string) => problemOf(code, { component_id })
  const design = sampleDesign()
  const forDesign = { ...design, components: design.components.map((one) => (one.id === 'c3' ? { ...one, inside: 'c4' } : one)) }
  const result = resultWith({ problems: [problem('c3', 'first'), problem('c3', 'second')], warnings: [problem('c5', 'maybe')] })
  const marks = marksOf({ result, forDesign })
  expect([marks.get('c3'), marks.get('c4'), marks.get('c5')]).toEqual([
    { problem: 'first' },
    { problem: '2 problems inside' },
    { hint: 'maybe' },
  ])
  expect(marksOf({ result, forDesign })).toBe(marks)
})
