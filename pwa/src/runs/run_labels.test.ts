// @vitest-environment jsdom
import 'fake-indexeddb/auto'
import { beforeEach, expect, it, vi } from 'vitest'
import { ApiProblem, labelRun } from '../api/api'
import { liveState } from '../live/live'
import { startSendingLabels, tagsOf, writeLabels } from './run_labels'
import { trainStore } from './runs'
import { trainingRun } from './test_runs'
import { waitingLabels, withWaitingLabels } from './waiting_labels'

vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { pythonState: createStore(() => ({ status: 'loading' })) }
})
vi.mock('../api/api', async (original) => ({ ...(await original<object>()), labelRun: vi.fn() }))

const labels = { name: 'First try', note: '', tags: ['ppo'] }
const unreachable = new ApiProblem({ status: 0, title: '', detail: '' })

beforeEach(() => {
  localStorage.clear()
  liveState.setState({ connected: false })
  trainStore.setState({ run: trainingRun, others: [] })
  vi.mocked(labelRun).mockReset().mockResolvedValue()
})

it('shows a name at once, and has nothing to send once the server has it', async () => {
  const sent = writeLabels('r1', labels)
  expect(trainStore.getState().run?.name).toBe('First try')
  expect(await sent).toBe(true)
  expect(labelRun).toHaveBeenCalledExactlyOnceWith('r1', labels)
  expect(waitingLabels.read()).toEqual({})
})

it('sends what was written offline when the server is back, and shows it meanwhile', async () => {
  vi.mocked(labelRun).mockRejectedValueOnce(unreachable)
  expect(await writeLabels('r1', labels)).toBe(false)
  expect(withWaitingLabels(trainingRun).name).toBe('First try')
  const stop = startSendingLabels()
  liveState.setState({ connected: true })
  await vi.waitFor(() => expect(waitingLabels.read()).toEqual({}))
  expect(labelRun).toHaveBeenCalledTimes(2)
  stop()
})

it('keeps the newer of two that were written while the first was sent', async () => {
  let answer = () => {}
  vi.mocked(labelRun).mockImplementationOnce(() => new Promise((resolve) => (answer = resolve)))
  vi.mocked(labelRun).mockRejectedValueOnce(unreachable)
  const first = writeLabels('r1', labels)
  await writeLabels('r1', { ...labels, name: 'Second' })
  answer()
  await first
  expect(waitingLabels.read().r1?.name).toBe('Second')
})

it('does not send again what the server refuses, as for a run that was deleted', async () => {
  vi.mocked(labelRun).mockRejectedValue(new ApiProblem({ status: 404, title: '', detail: '' }, { fromServer: true }))
  await writeLabels('r1', labels)
  expect(waitingLabels.read()).toEqual({})
})

it('reads tags from a text', () => {
  expect(tagsOf(' ppo, #baseline,, ppo')).toEqual(['ppo', 'baseline'])
  expect(tagsOf('')).toEqual([])
})
