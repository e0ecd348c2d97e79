import { act, cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { storeDesign } from '../designs/checked_design'
import { sampleDesign } from '../document/test_designs'
import { problemOf, resultWith } from '../editor/test_validation'
import { openSheet, uiStore } from '../editor/ui_state'
import { saveFile } from '../lib/save_file'
import { goTo } from '../navigation/router'
import { recordToasts } from '../ui/test_toasts'
import { ImportSheet } from './ImportSheet'
import { linkOf, MAX_QR_BYTES } from './link'
import { type One, received } from './received'
import { ShareSheet } from './ShareSheet'

const design = { ...sampleDesign(), id: 'd1', name: 'Shared net' }

vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { pythonState: createStore(() => ({ status: 'loading' })), validate: vi.fn(), upgrade: vi.fn() }
})
vi.mock('../sync/sync', () => ({ syncSoon: vi.fn() }))
vi.mock('../lib/save_file', () => ({ saveFile: vi.fn() }))
vi.mock('../navigation/router', async (original) => ({ ...(await original<object>()), goTo: vi.fn() }))
vi.mock('../designs/checked_design', async (original) => ({ ...(await original<object>()), storeDesign: vi.fn() }))
vi.mock('./received', () => ({ received: vi.fn() }))
vi.mock('../storage/designs', async (original) => ({
  ...(await original<object>()),
  getDesign: async (id: string) => (id === 'd1' ? { id, work: design } : undefined),
}))
vi.mock('./link', async (original) => ({
  ...(await original<object>()),
  canLink: () => true,
  linkOf: vi.fn(async () => 'http://127.0.0.1:8000/#/import/AbC'),
}))

const toasts = recordToasts()
const found = (part: Partial<One> = {}): One => ({
  kind: 'one',
  design,
  validation: resultWith({ parameters: 42917 }),
  place: { id: 'd1', outcome: 'new' },
  ...part,
})

beforeEach(() => vi.clearAllMocks())
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

it('offers what Python offers for a block that is left out, and reads the design again', async () => {
  const why = 'C3 is a batch norm, which is left out.'
  vi.mocked(received).mockResolvedValueOnce({
    kind: 'refused',
    why,
    repaired: { text: '{"repaired": true}', label: 'Use layer norm instead' },
  })
  vi.mocked(received).mockResolvedValueOnce(found())
  render(<ImportSheet source="x" />)
  const sheet = await screen.findByRole('dialog', { name: 'Import a design' })
  expect((await within(sheet).findByRole('alert')).textContent).toContain(why)
  fireEvent.click(within(sheet).getByRole('button', { name: 'Use layer norm instead' }))
  await screen.findByRole('dialog', { name: 'Shared net' })
  expect(received).toHaveBeenLastCalledWith('{"repaired": true}')
})

it('shows a design with its size and problems, and stores it only when it is kept', async () => {
  vi.mocked(received).mockResolvedValue(found())
  vi.mocked(storeDesign).mockResolvedValue({ id: 'd1', outcome: 'new' })
  openSheet({ name: 'import', source: 'x' })
  render(<ImportSheet source="x" />)
  const sheet = await screen.findByRole('dialog', { name: 'Shared net' })
  expect(within(sheet).getByRole('img', { name: 'Drawing of Shared net' })).toBeDefined()
  expect(sheet.textContent).toContain('Parameters42,917')
  expect(storeDesign).not.toHaveBeenCalled()
  await act(async () => fireEvent.click(within(sheet).getByRole('button', { name: 'Keep this design' })))
  expect(storeDesign).toHaveBeenCalledExactlyOnceWith(design)
  expect(goTo).toHaveBeenCalledExactlyOnceWith({ screen: 'design', id: 'd1' })
  expect(uiStore.getState().sheet).toBeNull()
  expect(toasts().at(-1)?.text).toBe('Imported Shared net')
})

it('says that a copy is kept, names the problems, and opens what is here already', async () => {
  const problems = [problemOf('odd_thing')]
  vi.mocked(received).mockResolvedValue(found({ validation: resultWith({ problems }), place: { id: 'd9', outcome: 'copy' } }))
  const { rerender } = render(<ImportSheet key="1" source="x" />)
  const sheet = await screen.findByRole('dialog', { name: 'Shared net' })
  expect(sheet.textContent).toContain('kept as a copy')
  expect(within(sheet).getByRole('list', { name: 'Problems' }).textContent).toContain('Odd thing')
  expect(sheet.textContent).not.toContain('Parameters')
  vi.mocked(received).mockResolvedValue(found({ place: { id: 'd1', outcome: 'same' } }))
  rerender(<ImportSheet key="2" source="y" />)
  await waitFor(() => expect(screen.getByRole('button', { name: 'Open it' })).toBeDefined())
})

it('says why something is refused, and asks for another', async () => {
  vi.mocked(received).mockResolvedValue({ kind: 'refused', why: 'This link is damaged.' })
  render(<ImportSheet source="x" />)
  expect((await screen.findByRole('alert')).textContent).toContain('This link is damaged.')
  fireEvent.click(screen.getByRole('button', { name: 'Try another' }))
  const field = screen.getByRole('textbox', { name: 'A link to a design, or its text' })
  fireEvent.change(field, { target: { value: 'https://a/#/import/AbC' } })
  vi.mocked(received).mockResolvedValue(found())
  await act(async () => fireEvent.click(screen.getByRole('button', { name: 'Show it' })))
  expect(received).toHaveBeenLastCalledWith('https://a/#/import/AbC')
  expect(await screen.findByRole('dialog', { name: 'Shared net' })).toBeDefined()
})

it('shares a link with its size and a QR code, copies it, and saves a file where the browser shares none', async () => {
  const writeText = vi.fn()
  vi.stubGlobal('navigator', Object.assign(Object.create(navigator), { clipboard: { writeText } }))
  render(<ShareSheet id="d1" />)
  const sheet = await screen.findByRole('dialog', { name: 'Share' })
  expect(await within(sheet).findByRole('img', { name: 'QR code of the link to Shared net' })).toBeDefined()
  const link = within(sheet).getByRole<HTMLInputElement>('textbox', { name: /^Link/ })
  expect(link.value).toBe('http://127.0.0.1:8000/#/import/AbC')
  expect(sheet.textContent).toContain('34 B')
  expect(sheet.textContent).toContain('leads to this device alone')
  await act(async () => fireEvent.click(within(sheet).getByRole('button', { name: 'Copy link' })))
  expect(writeText).toHaveBeenCalledExactlyOnceWith(link.value)
  await act(async () => fireEvent.click(within(sheet).getByRole('button', { name: /^Save file/ })))
  const [blob, name] = vi.mocked(saveFile).mock.lastCall ?? []
  expect(name).toBe('shared-net.json')
  expect(JSON.parse((await blob?.text()) ?? '')).toEqual(design)
})

it('has no QR code for a long link, and says where a design is gone', async () => {
  vi.mocked(linkOf).mockResolvedValueOnce(`https://a.example/#/import/${'A'.repeat(MAX_QR_BYTES)}`)
  render(<ShareSheet id="d1" />)
  expect((await screen.findByText(/too large for a QR code/)).textContent).toContain('2 kB')
  expect(screen.queryByRole('img')).toBeNull()
  cleanup()
  render(<ShareSheet id="d2" />)
  expect(await screen.findByText('This design is not on this phone any more.')).toBeDefined()
})
