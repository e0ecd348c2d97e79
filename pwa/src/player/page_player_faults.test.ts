import { expect, test, vi } from 'vitest'
import type { Surroundings } from './page_player'
import { PlayerError } from './problems'
import { aState, networkFile, testPlayer, until } from './test_player'
import { loaded, PATH, players, playToTheEnd, positionOf, rules } from './test_players'
import type { ProblemReason } from './types'

const broken: [ProblemReason, Surroundings['fileOf']][] = [
  ['damaged', async () => new TextEncoder().encode('no network').buffer as ArrayBuffer],
  ['damaged', async () => null],
  ['full', () => Promise.reject(new DOMException('full', 'QuotaExceededError'))],
  ['out-of-memory', () => Promise.reject(new RangeError('Array buffer allocation failed'))],
]

test.each(broken)('a network that cannot be loaded: %s', async (reason, fileOf) => {
  const { player } = testPlayer(rules, { fileOf })
  players.push(player)
  await expect(player.loadNetwork('direct')).rejects.toThrow()
  const { status, problem } = player.state.getState()
  expect(status).toBe('failed')
  expect(problem?.reason).toBe(reason)
})

test('a network that is missing says why, as the storage of networks does', async () => {
  const text = 'The file is damaged. This phone is too full.'
  const { player } = testPlayer(rules, { fileOf: async () => null, whyMissing: () => ({ reason: 'full', text }) })
  players.push(player)
  await expect(player.loadNetwork('direct')).rejects.toThrow(text)
  expect(player.state.getState().problem).toEqual({ reason: 'full', text })
})

test('a browser without SIMD', async () => {
  const validate = vi.spyOn(WebAssembly, 'validate').mockReturnValue(false)
  await expect(loaded()).rejects.toThrow(PlayerError)
  validate.mockRestore()
  expect(players[0]?.state.getState().problem?.reason).toBe('no-simd')
})

test('a network without inspection outputs is loaded from its plain file', async () => {
  const fileOf = async (id: string, kind: 'plain' | 'inspect') => (kind === 'plain' ? networkFile(id, kind) : null)
  const { player } = await loaded('afterstates', { fileOf, valuesAfterstates: async () => true })
  expect(player.state.getState().network).toMatchObject({ inspected: false, valuesAfterstates: true })
  await playToTheEnd(player, 1)
  expect(positionOf(player).thought).toMatchObject({ routing: {}, attention: {} })
})

test('the network that was chosen last is the one that is loaded', async () => {
  const { player } = testPlayer(rules)
  players.push(player)
  const first = player.loadNetwork('direct')
  const second = player.loadNetwork('afterstates')
  await expect(first).rejects.toThrow('Another network')
  await second
  expect(player.state.getState()).toMatchObject({ status: 'ready', network: { id: 'afterstates' } })
})

test('where Python cannot run the player says so, and goes on once it does', async () => {
  const { player, around } = await loaded()
  around.pythonFailed?.('no memory')
  await expect(player.watch.start(1)).rejects.toThrow('Python')
  expect(player.state.getState()).toMatchObject({ status: 'failed', problem: { reason: 'python' } })
  await expect(player.newGame(1)).rejects.toThrow()
  around.follow?.(rules.offer)
  around.pythonReady?.()
  await until(player.state, ({ status }) => status === 'ready')
  await player.watch.start(1)
  expect(positionOf(player).state.seed).toBe(1)
})

test('a game that is played when Python fails is paused, and can be played on', async () => {
  const { player, around } = await loaded()
  const { watch, watchState } = player
  await watch.start(1)
  await watch.setSpeed('max')
  await watch.play()
  await until(watchState, ({ index }) => index > 2)
  around.pythonFailed?.('no memory')
  await until(player.state, ({ status }) => status === 'failed')
  expect(player.state.getState().problem?.reason).toBe('python')
  const { index } = await until(watchState, ({ playing }) => !playing)
  around.follow?.(rules.offer)
  around.pythonReady?.()
  await watch.play()
  const end = await until(watchState, ({ over }) => over)
  expect(end.index).toBeGreaterThan(index)
  expect(player.state.getState()).toMatchObject({ status: 'ready', problem: null })
})

test('a call that Python did not answer before it was restarted is answered afterwards', async () => {
  const { player, around } = await loaded()
  rules.silent = true
  const started = player.watch.start(1)
  await player.think(aState())
  rules.silent = false
  around.follow?.(rules.offer)
  await started
  expect(positionOf(player).state.seed).toBe(1)
})

test('a worker that dies is started again once, with its network, experts and game', async () => {
  const { player, around } = await loaded()
  await player.setExperts(PATH, [false, true, true])
  await player.watch.start(3)
  for (let step = 0; step < 5; step++) await player.watch.step()
  await player.watch.goTo(4)
  const before = await until(player.watchState, ({ index, length }) => index === 4 && length === 5)
  around.workers[0]?.die('out of luck')
  expect(player.watchState.getState().position, 'what is shown stays').toEqual(before.position)
  await until(player.state, ({ status }) => status === 'ready')
  expect(player.state.getState()).toMatchObject({ status: 'ready', enabled: { [PATH]: [false, true, true] } })
  const again = player.watchState.getState()
  expect(again.position).toEqual(before.position)
  expect(again).toMatchObject({ index: 4, values: before.values, actions: before.actions })
  for (let step = 0; step < 4; step++) await player.watch.stepBack()
  const start = await until(player.watchState, ({ index }) => index === 0)
  expect(start.position?.state).toEqual(await player.newGame(3))
  expect(start.values).toEqual(before.values)
  expect(around.workers.length).toBe(2)
  around.workers[1]?.die('out of luck again')
  await until(player.state, ({ status }) => status === 'failed')
  expect(player.state.getState().problem?.reason).toBe('unknown')
  await player.loadNetwork('direct')
  expect(player.state.getState().status).toBe('ready')
  await player.watch.goTo(2)
  expect(await until(player.watchState, ({ index }) => index === 2)).toMatchObject({ length: 5, actions: before.actions })
})

test('a game that cannot be played again by the rules is given up, and another one can be started', async () => {
  const { player, around } = await loaded()
  await player.watch.start(3)
  await player.watch.step()
  const { position } = await until(player.watchState, ({ index }) => index === 1)
  const legal = position?.state.legal ?? []
  player.watchState.setState({ actions: [legal.length] })
  around.workers[0]?.die('out of luck')
  await until(player.watchState, (state) => state.position === null)
  await until(player.state, ({ status }) => status === 'ready')
  await player.watch.start(4)
  expect((await until(player.watchState, (state) => state.position !== null)).position?.state.seed).toBe(4)
})

test('a worker that dies while a network is loaded says why', async () => {
  const { player, around } = testPlayer(rules)
  players.push(player)
  const load = player.loadNetwork('direct')
  await vi.waitUntil(() => around.workers.length === 1)
  around.workers[0]?.die('std::bad_alloc')
  await expect(load).rejects.toThrow()
  expect(player.state.getState().problem?.reason).toBe('out-of-memory')
})

test('a worker whose script cannot be loaded', async () => {
  const { player, around } = await loaded()
  around.workers[0]?.die('')
  expect(player.state.getState()).toMatchObject({ status: 'failed', problem: { reason: 'no-runtime' } })
})
