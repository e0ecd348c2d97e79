import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { designOfRun } from '../api/export_file'
import { openDocument, resetDocuments } from '../document/store'
import { sampleDesign } from '../document/test_designs'
import { saveFile } from '../lib/save_file'
import { drawCard } from './card_drawing'
import { PALETTES } from './card_palette'
import { ModelCardSheet } from './ModelCardSheet'
import { offersOf } from './offers'
import { exportableRun, keptNetwork, listOf } from './test_exports'

vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { pythonState: createStore(() => ({ status: 'loading' })) }
})
vi.mock('../networks/networks', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { networksStore: createStore(() => ({ networks: [] })) }
})
vi.mock('../api/export_file', () => ({ designOfRun: vi.fn() }))
vi.mock('../lib/save_file', () => ({ saveFile: vi.fn() }))
vi.mock('./card_drawing', async (original) => ({ ...(await original<object>()), drawCard: vi.fn() }))

const [run] = offersOf(listOf(exportableRun('r1')), [])
const [keptRun] = offersOf(undefined, [keptNetwork('r1', 512)])
if (!run || !keptRun) throw new Error('there is no run')
const drawing = { ...sampleDesign(), id: 'd1' }
const before = { ...sampleDesign(), id: 'd1', name: 'As it was' }

beforeEach(() => {
  vi.clearAllMocks()
  resetDocuments()
  openDocument(drawing)
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue({} as never)
  vi.spyOn(HTMLCanvasElement.prototype, 'toBlob').mockImplementation((take) => take(new Blob(['png'], { type: 'image/png' })))
  vi.mocked(designOfRun).mockResolvedValue(before)
})
afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

const show = (drawn: string | undefined, of = run) =>
  act(async () => void render(<ModelCardSheet run={of} name="Tiny MLP" drawn={drawn} onClose={() => {}} />))
const lastDrawn = () => vi.mocked(drawCard).mock.calls.at(-1)

it('draws the drawing where it is what was trained, and otherwise the design of the run', async () => {
  await show(run.designHash)
  expect(lastDrawn()?.[1].design).toMatchObject({ name: drawing.name })
  expect(designOfRun).not.toHaveBeenCalled()
  cleanup()
  await show('other')
  expect(designOfRun).toHaveBeenCalledExactlyOnceWith('r1')
  expect(lastDrawn()?.[1].design).toEqual(before)
})

it('is complete but for the drawing where the server cannot be asked', async () => {
  await show('other', keptRun)
  expect(designOfRun).not.toHaveBeenCalled()
  expect(lastDrawn()?.[1]).toMatchObject({ design: null, name: 'Tiny MLP' })
  cleanup()
  vi.mocked(designOfRun).mockRejectedValue(new TypeError('offline'))
  await show('other')
  expect(lastDrawn()?.[1].design).toBeNull()
})

it('is drawn light or dark, and has a text in place of the image', async () => {
  await show(run.designHash)
  expect(lastDrawn()?.[2]).toBe(PALETTES.light)
  fireEvent.click(screen.getByRole('radio', { name: 'Dark' }))
  expect(lastDrawn()?.[2]).toBe(PALETTES.dark)
  expect(screen.getByRole('img').getAttribute('aria-label')).toContain('2,401 mean score in test games')
})

it('is saved as a PNG', async () => {
  await show(run.designHash)
  await act(async () => void fireEvent.click(screen.getByRole('button', { name: 'Save image' })))
  const [file, name] = vi.mocked(saveFile).mock.calls[0] ?? []
  expect([file?.type, name]).toEqual(['image/png', 'tiny-mlp-model-card.png'])
})
