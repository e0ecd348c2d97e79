import { expect, test, vi } from 'vitest'
import { aState, until } from './test_player'
import { loaded, PATH, playToTheEnd, positionOf, rules } from './test_players'

test('a network is loaded, and what it has is in the store', async () => {
  const { player } = await loaded()
  const { status, network, enabled } = player.state.getState()
  expect(status).toBe('ready')
  expect(network).toMatchObject({ id: 'direct', inspected: true })
  expect(enabled).toEqual({ 'c3.0.c5': [true, true, true], 'c3.1.c5': [true, true, true] })
  player.unload()
  expect(player.state.getState()).toMatchObject({ status: 'off', network: null })
  await expect(player.watch.start(1)).rejects.toThrow('No network is loaded')
})

test('a thought about a position, and about the board after a move', async () => {
  const { player } = await loaded('afterstates')
  const state = await player.newGame(3)
  const thought = await player.think(state)
  expect(thought.ofMove).toBe(thought.action)
  expect(thought.probabilities.reduce((a, b) => a + b)).toBeCloseTo(1)
  expect(thought.routing.c4?.layers[0]?.length).toBe(48)
  const rows = thought.attention.c3?.weights ?? new Float32Array()
  for (let row = 0; row < rows.length; row += 16) expect(rows.subarray(row, row + 16).reduce((a, b) => a + b)).toBeCloseTo(1, 4)
  const other = state.legal.findIndex((legal, move) => legal && move !== thought.action)
  const after = await player.think(state, other)
  expect(after.ofMove).toBe(other)
  expect(after.logits).toEqual(thought.logits)
  expect(after.routing).not.toEqual(thought.routing)
})

test('watch: step, step back, go to, and play on to the end', async () => {
  const { player } = await loaded()
  const { watch, watchState } = player
  await watch.start(5)
  expect(positionOf(player).state).toEqual(await player.newGame(5))
  await watch.step()
  const first = await until(watchState, ({ index }) => index === 1)
  expect(first.position?.move?.motions.length).toBeGreaterThan(0)
  expect(first).toMatchObject({ length: 1, playing: false, over: false })
  await watch.step()
  await until(watchState, ({ index }) => index === 2)
  await watch.stepBack()
  const back = await until(watchState, ({ index }) => index === 1)
  expect(back.position).toEqual(first.position)
  expect(back.length).toBe(2)
  await playToTheEnd(player, 5)
  const end = await until(watchState, ({ index, length }) => index === length)
  expect(end.position?.state.legal).toEqual([false, false, false, false])
  expect(end.length).toBe(end.position?.state.n_moves)
  expect(end.values.length).toBe(end.length + 1)
  await watch.goTo(1)
  const again = await until(watchState, ({ index }) => index === 1)
  expect(again.position).toEqual(first.position)
  expect(again.length).toBe(end.length)
  await watch.goTo(1e9)
  expect((await until(watchState, ({ index }) => index > 1)).position?.state).toEqual(end.position?.state)
})

test('the same seed and network make the same game, and the rules replay it', async () => {
  const { player } = await loaded()
  await playToTheEnd(player, 11)
  const { state } = positionOf(player)
  let replayed = await player.newGame(11)
  let actions = ''
  while (replayed.legal.includes(true)) {
    const { action } = await player.think(replayed)
    replayed = (await player.playMove(replayed, action)).state
    actions += 'urdl'[action]
  }
  expect(replayed).toEqual(state)
  expect(await player.replay({ seed: 11, actions, score: state.score })).toEqual(state)
  await expect(player.replay({ seed: 11, actions, score: 1 })).rejects.toThrow('recorded score')
})

test('shares of the experts sum to 1', async () => {
  const { player } = await loaded()
  await playToTheEnd(player, 2)
  const { usage } = player.watchState.getState()
  expect(Object.keys(usage)).toEqual(['c3.0.c5', 'c3.1.c5'])
  for (const shares of Object.values(usage)) expect(shares.reduce((a, b) => a + b)).toBeCloseTo(1)
})

test('experts that are switched off change the thought, its shares, and the game from there on', async () => {
  const { player } = await loaded('afterstates')
  const { watch, watchState } = player
  await playToTheEnd(player, 4)
  const { position } = watchState.getState()
  await watch.goTo(0)
  const before = (await until(watchState, ({ index }) => index === 0)).position?.thought
  await player.setExperts('c4', [false, false, true])
  expect(player.state.getState().enabled.c4).toEqual([false, false, true])
  const after = (await until(watchState, (state) => state.position?.thought?.value !== before?.value)).position?.thought
  const [weights] = after?.routing.c4?.layers ?? []
  expect(weights?.every((weight, index) => weight > 0 === (index % 3 === 2))).toBe(true)
  await watch.setSpeed('max')
  await watch.play()
  const changed = await until(watchState, ({ over, playing, index }) => over && !playing && index > 0)
  expect(changed.position?.state).not.toEqual(position?.state)
  expect(changed.values.length).toBe(changed.length + 1)
  await expect(player.setExperts('c4', [false, false, false])).rejects.toThrow('At least one expert')
  expect(player.state.getState()).toMatchObject({ status: 'ready', enabled: { c4: [false, false, true] } })
})

test('another board after a move is shown, until the next move', async () => {
  const { player } = await loaded('afterstates')
  const { watch, watchState } = player
  await watch.start(3)
  const { thought, state } = positionOf(player)
  const other = state.legal.findIndex((legal, move) => legal && move !== thought.action)
  await watch.showMove(other)
  await until(watchState, ({ position }) => position?.thought?.ofMove === other)
  await watch.showMove(null)
  await until(watchState, ({ position }) => position?.thought?.ofMove === thought.action)
  await watch.showMove(other)
  await watch.step()
  const next = await until(watchState, ({ index }) => index === 1)
  expect(next.position?.thought?.ofMove).toBe(next.position?.thought?.action)
})

test('positions are sent only as often as the page draws them, and none is lost at the end', async () => {
  const { player, around } = await loaded()
  const shown = () => around.workers[0]?.sent.filter(({ type }) => type === 'shown').length ?? 0
  await player.watch.start(6)
  around.holdFrames = true
  await player.watch.setSpeed('max')
  const before = shown()
  const calls = rules.calls
  await player.watch.play()
  await vi.waitUntil(() => rules.calls > calls + 30)
  expect(shown() - before).toBeLessThanOrEqual(1)
  around.holdFrames = false
  for (const draw of around.frames.splice(0)) draw()
  const end = await until(player.watchState, ({ over, playing }) => over && !playing)
  expect(end.values.length).toBe(end.length + 1)
})

test('nothing is played while the page is hidden', async () => {
  const { player } = await loaded()
  await player.watch.start(6)
  await player.watch.setSpeed('max')
  player.setHidden(true)
  await player.watch.play()
  const calls = rules.calls
  for (let round = 0; round < 20; round++) await player.think(positionOf(player).state)
  expect(rules.calls).toBe(calls)
  player.setHidden(false)
  await until(player.watchState, ({ index }) => index > 0)
})

test('without a game there is nothing to play, and the player stays ready', async () => {
  const { player } = await loaded()
  await expect(player.watch.play()).rejects.toThrow('There is no game yet')
  await expect(player.watch.step()).rejects.toThrow('There is no game yet')
  expect(player.state.getState().status).toBe('ready')
})

test('pause leaves the game at the shown position, and play goes on', async () => {
  const { player } = await loaded()
  const { watch, watchState } = player
  await watch.start(8)
  await watch.setSpeed('max')
  await watch.play()
  await until(watchState, ({ index }) => index > 3)
  await watch.pause()
  await until(watchState, ({ playing }) => !playing)
  const { index } = watchState.getState()
  for (let round = 0; round < 5; round++) await player.think(positionOf(player).state)
  expect(watchState.getState()).toMatchObject({ index, length: index })
  await watch.play()
  await until(watchState, ({ over }) => over)
})

test('a race: the network plays the seed of the person, beside the watched game', async () => {
  const { player } = await loaded()
  await player.watch.start(1)
  await player.race.start(9)
  await player.race.step()
  const { position } = await until(player.raceState, ({ index }) => index === 1)
  expect(position?.state).toMatchObject({ seed: 9, n_moves: 1 })
  expect(player.watchState.getState()).toMatchObject({ index: 0, position: { state: { seed: 1 } } })
})

test('test games: every seed once, with the results of the watched games', async () => {
  const { player } = await loaded()
  await player.startTest(5, 100)
  const { results, ...rest } = await until(player.testState, ({ running, done }) => !running && done === 5)
  expect(rest).toMatchObject({ total: 5, expertsOff: false })
  expect(results.map(({ seed }) => seed).sort()).toEqual([100, 101, 102, 103, 104])
  await playToTheEnd(player, 102)
  const { state } = positionOf(player)
  expect(results.find(({ seed }) => seed === 102)).toEqual({
    seed: 102,
    score: state.score,
    largest: Math.max(...state.board),
    moves: state.n_moves,
  })
})

test('test games wait while the page is hidden, and all of them end afterwards', async () => {
  const { player } = await loaded()
  const games = player.startTest(4, 50)
  player.setHidden(true)
  // what was asked of the rules before is answered, then nothing is asked any more
  for (let calls = -1; calls !== rules.calls || rules.busy; ) {
    calls = rules.calls
    for (let round = 0; round < 10; round++) await player.think(aState())
  }
  expect(player.testState.getState()).toMatchObject({ running: true, total: 4 })
  player.setHidden(false)
  await games
  const { results } = await until(player.testState, ({ running, done }) => !running && done === 4)
  expect(results.length).toBe(4)
})

test('test games that are stopped keep their results; with experts off they say so', async () => {
  const { player } = await loaded()
  await player.setExperts(PATH, [true, false, true])
  const games = player.startTest(1000, 0)
  const progress = await until(player.testState, ({ done }) => done > 0)
  expect(progress).toMatchObject({ running: true, total: 1000, expertsOff: true })
  await expect(player.startTest(2, 0)).rejects.toThrow('being played already')
  await expect(player.setExperts(PATH, [true, true, true])).rejects.toThrow('while test games are played')
  await player.stopTest()
  await games
  const end = await until(player.testState, ({ running }) => !running)
  expect(end.done).toBeLessThan(1000)
  expect(end.results.length).toBe(end.done)
})
