import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { sampleDesign } from '../document/test_designs'
import { uiStore } from '../editor/ui_state'
import { networkSettings } from '../networks/networks'
import { SettingsSheet } from './SettingsSheet'

vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { pythonState: createStore(() => ({ status: 'loading' })), validate: vi.fn() }
})
vi.mock('../storage/designs', async (original) => ({
  ...(await original<object>()),
  listDesigns: async () => [{ work: sampleDesign(), base: null }],
}))
vi.mock('../networks/networks', async (original) => ({ ...(await original<object>()), readNetworks: async () => {} }))
vi.mock('../history/bin', () => ({ loadBin: async () => ({ list: [], trouble: undefined }) }))
vi.mock('../offline/storage_space', () => ({ readSpace: async () => ({ used: 30_000_000, quota: 1e9 }) }))

beforeEach(async () => {
  localStorage.clear()
  await act(async () => void render(<SettingsSheet />))
})
afterEach(cleanup)

const section = (name: string) => within(screen.getByRole('region', { name }))
const open = (name: RegExp) => act(async () => fireEvent.click(screen.getByRole('button', { name })))

it('has theme, server, storage, background fetch, bin, help and about', async () => {
  fireEvent.click(section('Appearance').getByRole('radio', { name: 'Dark' }))
  expect(document.documentElement.dataset.theme).toBe('dark')
  expect(section('Server').getByText(location.origin)).toBeDefined()
  const storage = screen.getByRole('region', { name: 'Storage on this phone' })
  await vi.waitFor(() => expect(storage.textContent).toMatch(/30 MB used.*Designs1 design.*The app and the rest/))
  fireEvent.change(screen.getByRole('combobox', { name: 'Largest network fetched in the background' }), {
    target: { value: '20' },
  })
  expect(networkSettings.getState().maxBackgroundMb).toBe(20)
  expect(section('Help and about').getByText(/^Version \d+\.\d+\.\d+$/)).toBeDefined()
})

it.each([
  [/^Sync/, 'Sync'],
  [/^Trained networks/, 'On this phone'],
  [/^Bin/, 'Bin'],
  [/^Licences/, 'Licences'],
])('%s opens a sheet over the settings, and closing it leads back', async (row, title) => {
  await open(row)
  const inner = await screen.findByRole('dialog', { name: title })
  await act(async () => fireEvent.click(within(inner).getByRole('button', { name: 'Close' })))
  expect(screen.queryByRole('dialog', { name: title })).toBeNull()
  expect(screen.getByRole('dialog', { name: 'App settings' })).toBeDefined()
})

it('shows the texts of the licences, and says where they are when the server is away', async () => {
  const text = new Response('MIT License\n\nCopyright', { headers: { 'content-type': 'text/plain; charset=utf-8' } })
  const answer = vi.fn().mockRejectedValueOnce(new TypeError('offline')).mockResolvedValueOnce(text)
  vi.stubGlobal('fetch', answer)
  for (const words of [/cannot be reached/, /Copyright/]) {
    cleanup()
    await act(async () => void render(<SettingsSheet />))
    await open(/^Licences/)
    const sheet = await screen.findByRole('dialog', { name: 'Licences' })
    await act(async () => fireEvent.click(within(sheet).getByRole('button', { name: 'Show the texts' })))
    await within(sheet).findByText(words)
  }
  expect(answer.mock.calls).toEqual([['/licences.txt'], ['/licences.txt']])
  vi.unstubAllGlobals()
})

it('leads to help and to the import of a design', async () => {
  await open(/^Help/)
  expect(uiStore.getState().sheet).toEqual({ name: 'help' })
  await open(/^Import a design/)
  expect(uiStore.getState().sheet).toEqual({ name: 'import' })
})
