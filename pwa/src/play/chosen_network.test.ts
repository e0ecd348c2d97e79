import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ExportList } from '../generated/wire'
import * as networks from '../networks/networks'
import * as player from '../player/player'
import { choose, choosingStore, fetchAndPlay, followNetworks, offerOf, openDesign, preferred } from './chosen_network'
import { playStore } from './play_state'
import { keptNetwork, runWith } from './test_networks'
import { type FakePlayer, network } from './test_player'

vi.mock('../player/player', async () => (await import('./test_player')).fakePlayer())
vi.mock('../networks/networks', async () => {
  const { createStore } = await import('zustand/vanilla')
  return {
    networksStore: createStore(() => ({ networks: [], fetching: {}, trouble: {} })),
    networkSettings: createStore(() => ({ maxBackgroundMb: 10, enabled: true })),
    readNetworks: vi.fn(async () => {}),
    listExports: vi.fn(),
    keepNetwork: vi.fn(),
    networkId: (runId: string, steps: number) => `${runId}-${steps}`,
    sizeOf: (_run: unknown, { files }: { files: { bytes: number }[] }) => files[0]?.bytes ?? 0,
  }
})

const { loadNetwork, playerStore } = player as unknown as FakePlayer
const listExports = vi.mocked(networks.listExports)
const keepNetwork = vi.mocked(networks.keepNetwork)
const keep = (...kept: networks.KeptNetwork[]) => networks.networksStore.setState({ networks: kept })
const list: ExportList = {
  runs: [
    runWith('r1', [
      ['best', 400],
      ['last', 1000],
    ]),
  ],
}
const state = () => choosingStore.getState()
const storage = new Map<string, string>()
vi.stubGlobal('localStorage', {
  getItem: (key: string) => storage.get(key) ?? null,
  setItem: (key: string, value: string) => storage.set(key, value),
})

let stop: () => void
beforeEach(() => {
  storage.clear()
  keep()
  choosingStore.setState({
    designId: null,
    chosen: null,
    list: null,
    unreachable: false,
    ready: false,
    wantedRun: null,
    offer: null,
  })
  listExports.mockResolvedValue({ runs: [] })
  keepNetwork.mockImplementation(async (_, run, { steps }) => {
    const kept = keptNetwork(run.run_id, steps)
    keep(kept)
    return kept
  })
  stop = followNetworks()
})
afterEach(() => {
  stop()
  vi.clearAllMocks()
})

describe('the network that plays', () => {
  it('is the best of the newest run on the phone, also when the server cannot be reached', async () => {
    listExports.mockRejectedValue(new Error('offline'))
    keep(
      keptNetwork('r2', 900, { checkpoint: 'last' }),
      keptNetwork('r2', 400),
      keptNetwork('r1', 5),
      keptNetwork('x', 1, { designId: 'd2' }),
    )
    await openDesign('d1')
    expect(loadNetwork).toHaveBeenCalledExactlyOnceWith('r2-400')
    expect(state()).toMatchObject({ chosen: 'r2-400', unreachable: true, ready: true })
    expect(preferred([])).toBeUndefined()
  })

  it('is the one that was chosen before, for as long as it is there', async () => {
    keep(keptNetwork('r2', 400), keptNetwork('r1', 5))
    await openDesign('d1')
    choose('r1-5')
    choosingStore.setState({ designId: null, chosen: null })
    await openDesign('d1')
    expect(loadNetwork).toHaveBeenLastCalledWith('r1-5')
    keep(keptNetwork('r2', 400))
    expect(loadNetwork).toHaveBeenLastCalledWith('r2-400')
    expect(state().chosen).toBe('r2-400')
  })

  it('is not loaded again while it plays', async () => {
    playerStore.setState({ status: 'ready', network: network({ id: 'r2-400' }) })
    keep(keptNetwork('r2', 400))
    await openDesign('d1')
    expect(loadNetwork).not.toHaveBeenCalled()
    playerStore.setState({ status: 'failed' })
    choose('r2-400')
    expect(loadNetwork).toHaveBeenCalledOnce()
    playerStore.setState({ status: 'off', network: null })
  })
})

describe('the run that a person asked to see play', () => {
  const other: ExportList = { runs: [...list.runs, runWith('r2', [['best', 500]])] }

  it('plays its best network in Watch, not the one that was chosen before', async () => {
    keep(keptNetwork('r2', 500), keptNetwork('r1', 1000, { checkpoint: 'last' }), keptNetwork('r1', 400), keptNetwork('r1', 5))
    await openDesign('d1')
    choose('r2-500')
    loadNetwork.mockClear()
    playStore.setState({ mode: 'test' })
    listExports.mockResolvedValue(other)
    await openDesign('d1', 'r1')
    expect(loadNetwork).toHaveBeenCalledWith('r1-400')
    expect(loadNetwork).not.toHaveBeenCalledWith('r2-500')
    expect(state()).toMatchObject({ chosen: 'r1-400', wantedRun: null })
    expect(playStore.getState().mode).toBe('watch')
    expect(keepNetwork).not.toHaveBeenCalled()
  })

  it('has its best network fetched where the phone has none or an older one', async () => {
    keep(keptNetwork('r2', 500), keptNetwork('r1', 5))
    listExports.mockResolvedValue(other)
    await openDesign('d1', 'r1')
    expect(keepNetwork.mock.calls[0]?.slice(1)).toEqual([other.runs[0], other.runs[0]?.checkpoints[0]])
    expect(state().chosen).toBe('r1-400')
  })

  it('is offered where its network is large and none of it is on the phone', async () => {
    keep(keptNetwork('r2', 500))
    const large = { runs: [runWith('r1', [['best', 400]], 20e6)] }
    listExports.mockResolvedValue(large)
    await openDesign('d1', 'r1')
    expect(keepNetwork).not.toHaveBeenCalled()
    expect(state()).toMatchObject({ chosen: null, offer: offerOf(large) })
  })

  it('plays from this phone without the server, and another run where it has none', async () => {
    keep(keptNetwork('r2', 500), keptNetwork('r1', 5))
    listExports.mockRejectedValue(new Error('offline'))
    await openDesign('d1', 'r1')
    expect(state()).toMatchObject({ chosen: 'r1-5', wantedRun: null })
    await openDesign('d1', 'r0')
    expect(state().chosen).toBe('r1-5')
  })

  it('gives way to a network that is chosen while the server is asked', async () => {
    keep(keptNetwork('r2', 500), keptNetwork('r1', 400))
    listExports.mockImplementation(async () => {
      choose('r2-500')
      return other
    })
    await openDesign('d1', 'r1')
    expect(state().chosen).toBe('r2-500')
  })
})

describe('without a network on the phone', () => {
  it('the best one of the newest run is fetched if it is small', async () => {
    listExports.mockResolvedValue(list)
    await openDesign('d1')
    expect(keepNetwork.mock.calls[0]?.slice(1)).toEqual([list.runs[0], list.runs[0]?.checkpoints[0]])
    expect(loadNetwork).toHaveBeenCalledWith('r1-400')
    expect(state()).toMatchObject({ chosen: 'r1-400', offer: null })
  })

  it('a large one is offered', async () => {
    const large = { runs: [runWith('r1', [['best', 400]], 20e6)] }
    listExports.mockResolvedValue(large)
    await openDesign('d1')
    expect(keepNetwork).not.toHaveBeenCalled()
    expect(state()).toMatchObject({ chosen: null, offer: offerOf(large) })
  })

  it('the offer stays after a fetch that failed', async () => {
    listExports.mockResolvedValue(list)
    keepNetwork.mockRejectedValue(new Error('broke off'))
    await openDesign('d1')
    expect(state()).toMatchObject({ chosen: null, offer: offerOf(list) })
  })

  it('one that arrives in the background plays', async () => {
    await openDesign('d1')
    expect(state()).toMatchObject({ ready: true, chosen: null, offer: null })
    keep(keptNetwork('r1', 400))
    expect(loadNetwork).toHaveBeenCalledExactlyOnceWith('r1-400')
  })

  it('one that was removed is offered, not fetched again', async () => {
    keep(keptNetwork('r1', 400))
    await openDesign('d1')
    listExports.mockResolvedValue(list)
    keep()
    await vi.waitFor(() => expect(state().offer).toEqual(offerOf(list)))
    expect(keepNetwork).not.toHaveBeenCalled()
  })
})

it('goes on with the network that plays where another one could not be fetched', async () => {
  keep(keptNetwork('r2', 400))
  await openDesign('d1')
  playerStore.setState({ status: 'ready', network: network({ id: 'r2-400' }) })
  keepNetwork.mockRejectedValue(new Error('broke off'))
  const offer = offerOf(list)
  if (offer) await fetchAndPlay(offer)
  expect(state().chosen).toBe('r2-400')
  playerStore.setState({ status: 'off', network: null })
})

it('loads the network again as soon as its file for looking inside is kept, before the list of networks is read again', async () => {
  keep(keptNetwork('r1', 400))
  await openDesign('d1')
  playerStore.setState({ status: 'ready', network: network({ id: 'r1-400', inspected: false }) })
  loadNetwork.mockClear()
  keepNetwork.mockResolvedValue(keptNetwork('r1', 400, { inspectBytes: 1000, inspectSha256: 'y' }))
  const offer = offerOf(list)
  if (offer) await fetchAndPlay(offer)
  expect(loadNetwork).toHaveBeenCalledExactlyOnceWith('r1-400')
  playerStore.setState({ status: 'off', network: null })
})

it('loads a kept network where the chosen one could not be fetched and none plays', async () => {
  keep(keptNetwork('r2', 400))
  choosingStore.setState({ designId: 'd1', ready: true })
  playerStore.setState({ status: 'failed', network: null })
  keepNetwork.mockRejectedValue(new DOMException('cancelled', 'AbortError'))
  const offer = offerOf(list)
  if (offer) await fetchAndPlay(offer)
  expect(loadNetwork).toHaveBeenCalledExactlyOnceWith('r2-400')
  expect(state().chosen).toBe('r2-400')
  playerStore.setState({ status: 'off', network: null })
})
