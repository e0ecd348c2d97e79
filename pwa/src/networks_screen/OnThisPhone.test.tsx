import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { networkSettings, networksStore } from '../networks/networks'
import { bytesOf, fakeCaches, network, startWithoutNetworks } from '../networks/test_networks'
import { playPackStore } from '../offline/play_pack'
import { findNetwork, storeNetwork } from '../storage/networks'
import { recordToasts } from '../ui/test_toasts'
import { OnThisPhone } from './OnThisPhone'

startWithoutNetworks()
const toasts = recordToasts()

beforeEach(() => {
  playPackStore.setState(playPackStore.getInitialState(), true)
  networkSettings.setState({ enabled: true, maxBackgroundMb: 10 })
  localStorage.clear()
})
afterEach(cleanup)

const lines = () => screen.queryAllByRole('listitem')
const evaluation = { mean: 3482.6, median: 3000, games: 100, max_tile_frequency: { 256: 0.9, 1024: 0.1 }, baselines: {} }

it('lists networks, the newest first, with moves, score, largest tile and size', async () => {
  await storeNetwork(network('r1-120320', { checkpoint: 'last', score: null, evaluation, inspectBytes: 734_000 }))
  await storeNetwork(
    network('r2-40960', {
      designName: 'Mixture',
      checkpoint: '40960',
      algorithm: 'afterstate_td',
      evaluation,
      inspectBytes: null,
    }),
  )
  render(<OnThisPhone />)
  expect(await screen.findByText('2 networks · 1.73 MB')).toBeDefined()
  expect(lines().map((line) => line.textContent)).toEqual([
    expect.stringMatching(/^MixtureAfter 40,960 moves · afterstate TDMean score 5 · .+500 kB$/),
    expect.stringMatching(/^Tiny MLPLast, after 120,320 moves · PPOMean score 3,483 · largest tile 1,024 · .+1\.23 MB$/),
  ])
})

it('a removed network is gone at once, and comes back with Undo', async () => {
  const file = '/networks/r1-100/plain.onnx'
  fakeCaches.files.set(`networks${file}`, bytesOf('weights'))
  await storeNetwork(network('r1-100'))
  render(<OnThisPhone />)
  const line = (await screen.findAllByRole('listitem'))[0] as HTMLElement
  fireEvent.click(within(line).getByRole('button', { name: 'Remove' }))
  expect(await screen.findByText(/No network is on this phone yet/)).toBeDefined()
  expect(fakeCaches.pathsIn('networks')).toEqual([])
  await vi.waitFor(() => expect(toasts()).toHaveLength(1))
  expect(toasts()[0]).toMatchObject({ text: 'Removed Tiny MLP, 1.2 MB', button: 'Undo: remove Tiny MLP, 1.2 MB' })
  toasts()[0]?.press()
  expect(await screen.findByRole('listitem')).toBeDefined()
  expect(fakeCaches.pathsIn('networks')).toEqual([file])
  expect(await findNetwork('r1-100')).toBeDefined()
})

it('says that the phone is full, and what is wrong with a network', async () => {
  await storeNetwork(network('r1-100'))
  render(<OnThisPhone />)
  await screen.findByRole('listitem')
  act(() => networksStore.setState({ isFull: true, trouble: { 'r1-100': 'It is damaged.' } }))
  expect(screen.getByRole('alert').textContent).toContain('Remove networks that you no longer need')
  expect(lines()[0]?.textContent).toContain('It is damaged.')
})

it('the background fetch has a switch and a limit, which are remembered', () => {
  render(<OnThisPhone />)
  fireEvent.change(screen.getByRole('combobox'), { target: { value: '50' } })
  fireEvent.click(screen.getByRole('switch'))
  expect(networkSettings.getState()).toEqual({ enabled: false, maxBackgroundMb: 50 })
  expect(JSON.parse(localStorage.getItem('model-studio-network-settings') ?? '')).toEqual({ enabled: false, maxBackgroundMb: 50 })
  expect(screen.getByRole('combobox')).toHaveProperty('disabled', true)
  act(() => networkSettings.setState({ enabled: true }))
  act(() => networksStore.setState({ backgroundTrouble: 'The server cannot be reached.' }))
  expect(screen.getByRole('status', { name: 'Background fetch' }).textContent).toContain('The server cannot be reached.')
})

it('the runtime of Play is offered, shown while it arrives, and named once it is here', () => {
  render(<OnThisPhone />)
  const said = () => screen.getByRole('status', { name: 'Play pack' }).textContent
  expect(screen.getByRole('button', { name: /^Make available offline/ })).toBeDefined()
  act(() => playPackStore.setState({ state: 'filling', progress: 0.42 }))
  expect(said()).toContain('42 %')
  expect(screen.getByRole('progressbar')).toHaveProperty('value', 0.42)
  act(() => playPackStore.setState({ state: 'failed', reason: 'full' }))
  expect(said()).toContain('too full')
  expect(screen.getByRole('button', { name: /^Try again/ })).toBeDefined()
  act(() => playPackStore.setState({ state: 'ready', progress: 1, bytes: 14_400_000 }))
  expect(said()).toContain('Play works offline14.4 MB on this phone')
  act(() => playPackStore.setState({ isKept: false }))
  expect(said()).toContain('Play works while the server can be reached')
})
