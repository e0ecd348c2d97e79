import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { readMachine } from '../api/api'
import { rename } from '../document/commands'
import { commit, documentStore, openDocument, resetDocuments } from '../document/store'
import { sampleDesign } from '../document/test_designs'
import { noMemory, resultWith } from '../editor/test_validation'
import { validationStore } from '../editor/validation'
import type { Forecast, Machine, ModelArchitecture, RecipeOffer } from '../generated/wire'
import { liveState } from '../live/live'
import { forecast, recipes } from '../python/client'
import { forecastStore, onMachine, startForecasting } from '../runs/forecast'
import {
  type Algorithm,
  AVERAGE_SERVER,
  backToRecipe,
  choiceStore,
  chooseAlgorithm,
  chooseRecipe,
  openChoice,
  plainOffers,
  recommendationFor,
  wholeMinibatch,
} from '../runs/run_config'
import { RunEstimate } from './RunEstimate'

vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { pythonState: createStore(() => ({ status: 'ready' })), forecast: vi.fn(), recipes: vi.fn(), validate: vi.fn() }
})
vi.mock('../api/api', async (original) => ({ ...(await original<object>()), readMachine: vi.fn() }))

const machine: Machine = {
  cores: 8,
  memory_bytes: 32e9,
  multiply_adds_per_second: 1e10,
  step_overhead_s: 0.001,
  measured_at: '2026-11-01T00:00:00Z',
  run_memory_bytes: 24e9,
  bfloat16: null,
}
const told: Forecast = { training_bytes: 41e6, memory: noMemory, fits: true, largest_microbatch: 4096, seconds: 1620 }
const offersOf = (algorithm: Algorithm, seconds: (number | null)[]): RecipeOffer[] =>
  plainOffers(algorithm).map((offer, place) => ({ ...offer, forecast: { ...told, seconds: seconds[place] ?? null } }))
const radio = (name: RegExp) => screen.getByRole('radio', { name }) as HTMLInputElement
const panel = () => screen.queryByRole('region', { name: 'Before a run' })
const openSettings = (): HTMLDetailsElement => {
  const settings = panel()?.querySelector('details') as HTMLDetailsElement
  settings.open = true
  fireEvent(settings, new Event('toggle'))
  return settings
}

beforeEach(() => {
  localStorage.clear()
  openChoice(sampleDesign().id)
  backToRecipe()
  chooseRecipe('standard')
  chooseAlgorithm('ppo')
  forecastStore.setState({ machine: null, forecast: null, forDesign: null })
  vi.mocked(forecast).mockReset().mockResolvedValue(told)
  vi.mocked(recipes)
    .mockReset()
    .mockImplementation(async (_, algorithm, machine) => offersOf(algorithm, machine ? [120, 910, 7200] : []))
  resetDocuments()
  openDocument(sampleDesign())
  validationStore.setState({ result: resultWith({}), forDesign: documentStore.getState().design })
})
afterEach(cleanup)

it('offers the recipes by their moves while Python does not answer, and names no server', () => {
  vi.mocked(recipes).mockReturnValue(new Promise(() => {}))
  render(<RunEstimate />)
  expect(radio(/^15 minutes/).checked).toBe(true)
  expect(radio(/PPO/).checked).toBe(true)
  expect(panel()?.textContent).not.toContain('of memory')
  expect(panel()?.textContent).not.toContain('server')
})

it('estimates on an average server before one was ever reached, and on that server from then on', async () => {
  const average: Forecast = { training_bytes: 41e6, memory: noMemory, fits: null, largest_microbatch: null, seconds: 900 }
  vi.mocked(recipes).mockImplementation(async (_, algorithm, server) =>
    plainOffers(algorithm).map((offer) => ({ ...offer, forecast: server === AVERAGE_SERVER ? average : told })),
  )
  render(<RunEstimate />)
  expect(await screen.findByRole('radiogroup', { name: 'How long, on an average server' })).toBeTruthy()
  expect(panel()?.textContent).toMatch(/About 15 min for .* moves, and 41 MB of memory on an average server/)
  expect(panel()?.textContent).not.toMatch(/Boards that fit|the server has|0 B/)
  vi.mocked(readMachine).mockResolvedValueOnce(machine)
  await act(onMachine)
  expect(await screen.findByRole('radio', { name: /^15 minutes about 27 min/ })).toBeTruthy()
  expect(screen.getByRole('radiogroup', { name: 'How long, on your server' })).toBeTruthy()
  expect(panel()?.textContent).toMatch(/About 27 min for .* moves, and 41 MB of memory on your server/)
  expect(panel()?.textContent).not.toContain('average')
})

it('says what a run would take of the server last heard, and keeps that server for offline', async () => {
  vi.mocked(readMachine).mockResolvedValueOnce(machine)
  render(<RunEstimate />)
  await act(onMachine)
  await vi.waitFor(() => expect(panel()?.textContent).toMatch(/About 15 min for .* moves, and 41 MB of memory on your server/))
  expect(radio(/^15 minutes/).checked).toBe(true)
  openSettings()
  expect(panel()?.textContent).toContain('24 GB and 8 cores')
  expect(panel()?.textContent).toContain('4,096')
  expect(JSON.parse(localStorage.getItem('model-studio-machine') ?? '')).toEqual(machine)
  vi.mocked(readMachine).mockRejectedValueOnce(new Error('offline'))
  await act(onMachine)
  expect(forecastStore.getState().machine).toEqual(machine)
})

it('asks again until the server has measured its speed, and not after that', async () => {
  vi.useFakeTimers()
  vi.mocked(readMachine)
    .mockReset()
    .mockResolvedValueOnce({ ...machine, measured_at: null })
    .mockResolvedValue(machine)
  liveState.setState({ connected: true })
  const stop = startForecasting()
  await vi.advanceTimersByTimeAsync(1000)
  expect(forecastStore.getState().machine?.measured_at).toBeNull()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(forecastStore.getState().machine).toEqual(machine)
  expect(readMachine).toHaveBeenCalledTimes(2)
  stop()
  liveState.setState({ connected: false })
  vi.useRealTimers()
})

it('asks ever more seldom a server that does not measure, and afresh when it can be reached again', async () => {
  vi.useFakeTimers()
  const random = vi.spyOn(Math, 'random').mockReturnValue(0.5) // waits as long as they are without jitter
  vi.mocked(readMachine)
    .mockReset()
    .mockResolvedValue({ ...machine, measured_at: null })
  liveState.setState({ connected: true })
  const stop = startForecasting()
  const asked = async (minutes: number) => {
    vi.mocked(readMachine).mockClear()
    await vi.advanceTimersByTimeAsync(minutes * 60_000)
    return vi.mocked(readMachine).mock.calls.length
  }
  expect(await asked(1)).toBe(3)
  await asked(20)
  expect(await asked(60)).toBe(12)
  liveState.setState({ connected: false })
  await asked(6)
  expect(await asked(60)).toBe(0)
  liveState.setState({ connected: true })
  expect(await asked(1)).toBe(3)
  stop()
  expect(await asked(60)).toBe(0)
  liveState.setState({ connected: false })
  random.mockRestore()
  vi.useRealTimers()
})

it('says that the speed is not measured yet, and that memory will not do', async () => {
  const forecast = { training_bytes: 64e9, memory: noMemory, fits: false, largest_microbatch: null, seconds: null }
  vi.mocked(recipes).mockResolvedValue(plainOffers('ppo').map((offer) => ({ ...offer, forecast })))
  forecastStore.setState({ machine })
  render(<RunEstimate />)
  await vi.waitFor(() => expect(panel()?.textContent).toContain('Time not measured yet'))
  expect(panel()?.textContent).toContain('of memory on your server: more than it has for a run')
  openSettings()
  expect(panel()?.textContent).toContain('more than the server has for a run: 24 GB')
  expect(panel()?.textContent).not.toContain('Boards that fit')
})

it('tells what bounds the boards at once: memory, or that a minibatch has no more', async () => {
  const [standard] = plainOffers('ppo').filter(({ name }) => name === 'standard')
  const minibatch = wholeMinibatch(standard?.config ?? {})
  const fitting = (most: number) =>
    plainOffers('ppo').map((offer) => ({ ...offer, forecast: { ...told, largest_microbatch: most } }))
  vi.mocked(recipes).mockResolvedValue(fitting(minibatch))
  forecastStore.setState({ machine })
  render(<RunEstimate />)
  openSettings()
  await vi.waitFor(() => expect(panel()?.textContent).toContain('a whole minibatch at once, in its memory'))
  vi.mocked(recipes).mockResolvedValue(fitting(minibatch - 1))
  act(() => forecastStore.setState({ machine: { ...machine, cores: 4 } }))
  await vi.waitFor(() => expect(panel()?.textContent).toContain('Boards that fitat once, in its memory'))
})

it('counts what a pass draws from a rollout, where a minibatch could take more', () => {
  expect(wholeMinibatch({ minibatch_size: 4096, n_envs: 128, n_steps: 32, update_share: 0.25 })).toBe(1024)
  expect(wholeMinibatch({ minibatch_size: 512, n_envs: 128, n_steps: 32, update_share: 0.25 })).toBe(512)
  expect(wholeMinibatch({ minibatch_size: 512, n_envs: 1, n_steps: 2, update_share: 0.125 })).toBe(1)
})

it('offers no recipe and no estimate for an invalid design; its memory is shown elsewhere', async () => {
  validationStore.setState({ result: resultWith({ valid: false }) })
  forecastStore.setState({ machine })
  render(<RunEstimate />)
  await vi.waitFor(() => expect(forecastStore.getState()).toMatchObject({ forecast: told, partial: true }))
  expect(recipes).not.toHaveBeenCalled()
  expect(vi.mocked(forecast).mock.lastCall?.[1]).toEqual(plainOffers('ppo').find(({ name }) => name === 'standard')?.config)
  expect(panel()?.textContent).not.toContain('of memory')
})

it('waits with the forecast until edits pause, and then makes one of the newest design', async () => {
  forecastStore.setState({ machine })
  render(<RunEstimate />)
  await vi.waitFor(() => expect(forecastStore.getState().forecast).not.toBeNull())
  vi.useFakeTimers()
  vi.mocked(recipes).mockClear()
  const edit = (name: string) => {
    commit(rename(documentStore.getState().design as ModelArchitecture, { name }))
    act(() => validationStore.setState({ result: resultWith({}), forDesign: documentStore.getState().design }))
  }
  for (const name of ['a', 'ab', 'abc']) edit(name)
  expect(recipes).not.toHaveBeenCalled()
  await act(() => vi.advanceTimersByTimeAsync(1000))
  expect(recipes).toHaveBeenCalledOnce()
  expect(forecastStore.getState().forDesign?.name).toBe('abc')
  vi.useRealTimers()
})

it('says why a number was not stored, once the field is left', async () => {
  render(<RunEstimate />)
  openSettings()
  const field = (await screen.findByRole('spinbutton', { name: 'Checkpoint interval · checkpoint_every_s' })) as HTMLInputElement
  const before = field.value
  fireEvent.change(field, { target: { value: '99999999' } })
  fireEvent.blur(field)
  expect(field.value).toBe(before)
  expect(screen.getByRole('alert').textContent).toBe('99999999 was not stored: at most 86400')
  fireEvent.change(field, { target: { value: '60' } })
  fireEvent.blur(field)
  expect(screen.queryByRole('alert')).toBeNull()
  expect(choiceStore.getState().changes).toEqual({ checkpoint_every_s: 60 })
})

it('fits the settings to a length of its own, and says so in place of the recipe', async () => {
  const [plain] = plainOffers('afterstate_td') as [RecipeOffer]
  const longest = plainOffers('afterstate_td').at(-1)?.config.total_steps ?? 0
  const own = { ...plain, name: 'own_length', title: 'Own length', config: { ...plain.config, n_envs: 32, total_steps: 7000 } }
  vi.mocked(recipes).mockImplementation(async (_, algorithm, __, moves) => [
    ...offersOf(algorithm, [120, 910, 7200]),
    ...(moves === undefined ? [] : [{ ...own, forecast: { ...told, seconds: (7200 * moves) / longest } }]),
  ])
  forecastStore.setState({ machine })
  chooseAlgorithm('afterstate_td')
  render(<RunEstimate />)
  await vi.waitFor(() => expect(panel()?.textContent).toContain('About 15 min'))
  fireEvent.click(radio(/^Own/))
  const minutes = (await screen.findByRole('spinbutton', { name: /^Minutes/ })) as HTMLInputElement
  expect(minutes.value).toBe('15')
  vi.mocked(forecast).mockResolvedValue({ ...told, seconds: 300 })
  fireEvent.change(minutes, { target: { value: '5' } })
  fireEvent.blur(minutes)
  const moves = plainOffers('afterstate_td').map(({ config }) => config.total_steps ?? 0) as [number, number]
  const fitting = Math.round(moves[1] - (610 * (moves[1] - moves[0])) / 790)
  await vi.waitFor(() => expect(vi.mocked(recipes).mock.lastCall?.[3]).toBe(fitting))
  await vi.waitFor(() => expect(panel()?.textContent).toContain('About 5 min'))
  expect(radio(/^Own/).checked).toBe(true)
  for (const refused of ['0.1', '0', '']) {
    fireEvent.change(minutes, { target: { value: refused } })
    fireEvent.blur(minutes)
    expect(screen.getByRole('alert').textContent).toMatch(refused ? /was not stored: at least 1 minute/ : /A number is needed/)
    expect(Number(minutes.value)).toBeGreaterThan(3)
    expect(choiceStore.getState().changes).toEqual({ total_steps: fitting })
  }
  const settings = openSettings()
  expect((screen.getByRole('spinbutton', { name: 'Parallel games · n_envs' }) as HTMLInputElement).value).toBe('32')
  expect(settings.textContent).toContain('1 changed')
  fireEvent.click(radio(/^15 minutes/))
  await vi.waitFor(() => expect(screen.queryByRole('spinbutton', { name: /^Minutes/ })).toBeNull())
  expect(choiceStore.getState().changes).toEqual({})
})

it('preselects the goal whose method scored most with a network of about this size, and says so', async () => {
  localStorage.clear()
  openChoice(null)
  forecastStore.setState({ machine })
  validationStore.setState({ result: resultWith({ flops: 41_000 }), forDesign: documentStore.getState().design })
  render(<RunEstimate />)
  await vi.waitFor(() => expect(radio(/afterstate TD/).checked).toBe(true))
  const { like } = recommendationFor(41_000)
  const nearest = `the measured designs, “${like.name}” is nearest in multiply-adds`
  expect(panel()?.textContent).toContain(`Recommended: of ${nearest}`)
  fireEvent.click(radio(/PPO/))
  expect(panel()?.textContent).toContain(`Of ${nearest}`)
  expect(panel()?.textContent).not.toContain('Recommended')
})

it('shows every setting of the chosen recipe, and forecasts with what was changed', async () => {
  forecastStore.setState({ machine })
  render(<RunEstimate />)
  fireEvent.click(radio(/afterstate TD/))
  await vi.waitFor(() => expect(vi.mocked(recipes).mock.lastCall?.[1]).toBe('afterstate_td'))
  const settings = openSettings()
  const boards = (await screen.findByRole('spinbutton', { name: 'Parallel games · n_envs' })) as HTMLInputElement
  const games = plainOffers('afterstate_td').find(({ name }) => name === 'standard')?.config.n_envs ?? 0
  expect(boards.value).toBe(`${games}`)
  expect(screen.getByRole('switch', { name: 'Symmetries · symmetries' }).getAttribute('aria-checked')).toBe('true')
  expect(settings.textContent).toContain('Passes over each rollout.')
  expect(settings.textContent).not.toContain('In passes.')
  expect(settings.textContent).toContain('Time between checkpoints. In seconds.')
  fireEvent.click(screen.getByRole('button', { name: 'More Parallel games · n_envs' }))
  expect(choiceStore.getState().changes).toEqual({ n_envs: games + 1 })
  await vi.waitFor(() => expect(panel()?.textContent).toContain('About 27 min'))
  expect(vi.mocked(forecast).mock.lastCall?.[1]).toMatchObject({ algorithm: 'afterstate_td', n_envs: games + 1 })
  expect(settings.textContent).toContain('1 changed')
  fireEvent.click(screen.getByRole('button', { name: `Use the recipe’s ${games}` }))
  expect(choiceStore.getState().changes).toEqual({})
  act(backToRecipe)
  expect(screen.queryByRole('button', { name: 'Back to the recipe' })).toBeNull()
})
