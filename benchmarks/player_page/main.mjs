// Calls the app's player, with networks that the benchmark serves under /networks/, and reports times in milliseconds.
import {
  loadNetwork,
  playerStore,
  provideFiles,
  setSearch,
  test,
  testStore,
  think,
  unload,
  watch,
  watchStore,
} from '../../pwa/src/player/player'
import { pythonState, startPython } from '../../pwa/src/python/client'

provideFiles({
  fileOf: async (id, kind) => {
    const answer = await fetch(`/networks/${id}.${kind}.onnx`)
    return answer.ok ? answer.arrayBuffer() : null
  },
  whyMissing: () => undefined,
  valuesAfterstates: async (id) => id.endsWith('_td'),
  valueUnit: async () => ({ gamma: 1, reward: 'points' }),
})

const until = (store, condition) =>
  new Promise((resolve) => {
    const look = (state) => condition(state) && (stop?.(), resolve(state), true)
    let stop
    if (!look(store.getState())) stop = store.subscribe(look)
  })

window.phone = {
  /** Wait until Python runs, as it does in the app long before somebody opens Play. */
  async python() {
    startPython()
    await until(pythonState, ({ status }) => status === 'ready')
  },

  /** Load a network and make its first move; the time of each part since the tap. */
  async firstMove(id) {
    unload()
    const began = performance.now()
    await loadNetwork(id)
    const loaded = performance.now()
    await watch.start(1)
    await until(watchStore, ({ position }) => position?.thought)
    const thought = performance.now()
    await watch.step()
    await until(watchStore, ({ index }) => index === 1)
    const moved = performance.now()
    return { loaded: loaded - began, thought: thought - began, moved: moved - began }
  },

  /** Play test games; moves and time. */
  async test(games, firstSeed) {
    const began = performance.now()
    await test.start(games, firstSeed)
    const { results } = await until(testStore, ({ done, running }) => done === games && !running)
    return { moves: results.reduce((sum, { moves }) => sum + moves, 0), ms: performance.now() - began }
  },

  /** Watch games at full speed for so long; moves, time, and how long frames of the page took. */
  async watch(ms, seed) {
    await watch.setSpeed('max')
    const end = performance.now() + ms
    const began = performance.now()
    let moves = 0
    let frames = 0
    const stop = watchStore.subscribe(() => {
      frames += 1
    })
    for (let game = seed; performance.now() < end; game++) {
      await watch.start(game)
      await watch.play()
      const last = await until(watchStore, ({ over, playing, position }) => over && !playing && position?.state.seed === game)
      moves += last.length
    }
    stop()
    return { moves, frames, ms: performance.now() - began, latency: playerStore.getState().latencyMs }
  },

  /** Logits and value of each state. */
  async thoughts(states) {
    const found = []
    for (const state of states) {
      const { logits, value } = await think(state)
      found.push([...logits, value])
    }
    return found
  },

  /** Watch games at full speed for so long with search, the last one not to its end; moves and time. */
  async search(depth, ms, seed) {
    setSearch(depth)
    await watch.setSpeed('max')
    let moves = 0
    let spent = 0
    for (let game = seed; spent < ms; game++) {
      await watch.start(game)
      await until(watchStore, ({ position }) => position?.state.seed === game && position.thought?.searched === depth)
      const began = performance.now()
      await watch.play()
      const late = new Promise((resolve) => setTimeout(resolve, ms - spent))
      await Promise.race([until(watchStore, ({ over, playing }) => over && !playing), late])
      await watch.pause()
      spent += performance.now() - began
      await until(watchStore, ({ playing }) => !playing)
      moves += watchStore.getState().length
    }
    setSearch(0)
    return { moves, ms: spent }
  },

  load: loadNetwork,
}
