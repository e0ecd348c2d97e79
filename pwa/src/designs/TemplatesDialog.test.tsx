import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import { openSheet, uiStore } from '../editor/ui_state'
import { recordToasts } from '../ui/test_toasts'
import { openFiles } from './open_files'
import { TemplatesDialog } from './TemplatesDialog'

vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { pythonState: createStore(() => ({ status: 'loading' })) }
})
vi.mock('./open_files', async (original) => ({ ...(await original<object>()), openFiles: vi.fn() }))

afterEach(cleanup)
const choose = (...files: File[]) => fireEvent.change(screen.getByLabelText('Open a file'), { target: { files } })
const toasts = recordToasts()

it('opens files beside the templates, and says how many and which not', async () => {
  openSheet({ name: 'templates' })
  render(<TemplatesDialog />)
  vi.mocked(openFiles).mockResolvedValueOnce({ opened: 0, same: 0, refused: [{ what: 'a.json', why: 'it is not JSON' }] })
  choose(new File(['-'], 'a.json'))
  await vi.waitFor(() => expect(toasts().at(-1)).toMatchObject({ text: 'Not opened: a.json (it is not JSON).', tone: 'bad' }))
  expect(uiStore.getState().sheet).not.toBeNull()
  vi.mocked(openFiles).mockResolvedValueOnce({ opened: 2, same: 0, refused: [] })
  choose(new File(['{}'], 'b.json'))
  await vi.waitFor(() => expect(toasts().at(-1)).toMatchObject({ text: '2 designs were opened.', tone: 'plain' }))
  expect(uiStore.getState().sheet).toBeNull()
  expect(vi.mocked(openFiles).mock.lastCall?.[0].map(({ name }) => name)).toEqual(['b.json'])
})
