import { describe, expect, it } from 'vitest'
import { aState, until } from './test_player'
import { loaded, positionOf } from './test_players'

const SEED = 11

/** The value of the board after the best move and the new tile counts at depth 1, so that another value is shown. */
describe.each(['direct', 'afterstates'])('a network of %s', (name) => {
  it('looks ahead from the next position on, and not any more when that is turned off', async () => {
    const { player } = await loaded(name)
    await player.watch.start(SEED)
    const plain = positionOf(player).thought
    expect(plain.searched).toBe(0)
    player.setSearch(1)
    const { position } = await until(player.watchState, (state) => state.position?.thought?.searched === 1)
    expect(position?.thought?.value).not.toBe(plain.value)
    expect(position?.thought?.logits[position.thought.action]).toBe(0)
    await player.watch.step()
    player.setSearch(0)
    await until(player.watchState, (state) => state.position?.thought?.searched === 0)
    await player.watch.step()
    await until(player.watchState, (state) => state.length === 2)
    expect(player.watchState.getState().searched).toEqual([0, 1])
    await player.watch.stepBack()
    await until(player.watchState, (state) => state.index === 1)
    expect(player.watchState.getState().searched).toEqual([1])
  })
})

it('without a known unit of its values, a network never searches', async () => {
  const { player } = await loaded('direct', { valueUnit: async () => null })
  expect(player.state.getState().network?.searches).toBe(false)
  player.setSearch(2)
  expect((await player.think(aState())).searched).toBe(0)
})

it('a change of the depth counts at once, also for a thought that has begun', async () => {
  const { player } = await loaded('direct')
  player.setSearch(2)
  const begun = player.think(aState())
  player.setSearch(1)
  expect((await begun).searched).toBe(1)
})

it('of two hints only the newer one is searched for', async () => {
  const { player } = await loaded('direct')
  player.setSearch(2)
  const [older, newer] = await Promise.allSettled([player.think(aState()), player.think(aState())])
  expect(older?.status).toBe('rejected')
  expect(newer).toMatchObject({ status: 'fulfilled', value: { searched: 2 } })
  expect(player.state.getState().status).toBe('ready')
})

it('a pause ends a search, and the position stays', async () => {
  const { player } = await loaded('direct')
  await player.watch.start(SEED)
  await player.watch.setSpeed('max')
  player.setSearch(2)
  await until(player.watchState, (state) => state.position?.thought?.searched === 2)
  await player.watch.play()
  await until(player.watchState, (state) => state.index > 0)
  await player.watch.pause()
  const { index, playing } = player.watchState.getState()
  expect(playing).toBe(false)
  await player.watch.showMove(null)
  expect(player.watchState.getState().index).toBe(index)
  expect(player.watchState.getState().searched).toEqual([2])
})

it('test games have the depth with which they began, and end at once when they are stopped', async () => {
  const { player } = await loaded('afterstates')
  player.setSearch(1)
  await player.startTest(2, 1)
  const { results, searched } = player.testState.getState()
  expect(searched).toBe(1)
  expect(results).toHaveLength(2)
  player.setSearch(2)
  const running = player.startTest(100, 1)
  await until(player.testState, (state) => state.running && state.searched === 2)
  await player.stopTest()
  await running
  expect(player.testState.getState()).toMatchObject({ running: false, searched: 2, total: 100 })
  expect(player.state.getState().status).toBe('ready')
})

it('a game goes on with its label after the worker died', async () => {
  const { player, around } = await loaded('direct')
  player.setSearch(1)
  await player.watch.start(SEED)
  await player.watch.step()
  await until(player.watchState, (state) => state.length === 1)
  around.workers.at(-1)?.die('Aborted()')
  await until(player.state, ({ status }) => status === 'loading')
  await until(player.state, ({ status }) => status === 'ready')
  expect(player.watchState.getState()).toMatchObject({ length: 1, searched: [1] })
  expect(positionOf(player).thought.searched).toBe(1)
})
