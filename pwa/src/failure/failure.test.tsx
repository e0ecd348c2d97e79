import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { sampleDesign } from '../document/test_designs'
import { closeDatabase } from '../storage/database'
import { removeDesign, saveWork } from '../storage/designs'
import { readDesigns, saveDesigns } from './stored_designs'

const text = () => document.querySelector('.failure')?.textContent ?? ''
const button = (name: string) => [...document.querySelectorAll('button')].find(({ textContent }) => textContent === name)

/** The module remembers that the page was shown, so each test loads it anew. */
async function show(error: unknown): Promise<void> {
  vi.resetModules()
  const { showFailure } = await import('./failure')
  showFailure(error)
}

beforeEach(async () => {
  await closeDatabase()
  vi.stubGlobal('indexedDB', new IDBFactory())
  document.body.innerHTML = '<div id="root"><p>half a screen</p></div>'
  vi.spyOn(console, 'error').mockImplementation(() => {})
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => {})
})

describe('the page of a failed start', () => {
  it('replaces the app and shows the reason, of the first error alone', async () => {
    await show(new RangeError('Incorrect locale information provided'))
    const { showFailure } = await import('./failure')
    showFailure(new Error('what followed'))
    expect(document.getElementById('root')?.hidden).toBe(true)
    expect(document.querySelectorAll('.failure')).toHaveLength(1)
    expect(text()).toContain('RangeError: Incorrect locale information provided')
    expect(text()).toContain('Your designs are not touched')
  })

  it.each([
    [new DOMException('', 'VersionError'), 'A newer version of the app'],
    [new DOMException('', 'QuotaExceededError'), 'This phone is full'],
    [new DOMException('', 'SecurityError'), 'keeps no data'],
    [new TypeError('Failed to fetch dynamically imported module: /assets/main.js'), 'could not be loaded'],
    ['a text', 'Something in the app'],
  ])('explains %s', async (error, words) => {
    await show(error)
    expect(text()).toContain(words)
  })

  it('saves every design of the phone as one file', async () => {
    await saveWork({ ...sampleDesign(), id: 'd1' })
    await saveWork({ ...sampleDesign(), id: 'd2' })
    await saveWork({ ...sampleDesign(), id: 'removed' })
    await removeDesign('removed')
    const saved = vi.fn((_file: Blob) => 'blob:file')
    vi.stubGlobal('URL', Object.assign(URL, { createObjectURL: saved, revokeObjectURL: vi.fn() }))
    await show(new Error('broken'))
    await vi.waitFor(() => expect(text()).toContain('2 designs are on this phone'))
    button('Save all designs')?.click()
    const { designs } = JSON.parse(await (saved.mock.lastCall as [Blob])[0].text())
    expect(designs.map(({ id }: { id: string }) => id)).toEqual(['d1', 'd2'])
    expect(designs[0]).toEqual({ ...sampleDesign(), id: 'd1' })
  })

  it('counts none, and creates no database where there is none', async () => {
    await show(new Error('broken'))
    await vi.waitFor(() => expect(text()).toContain('There are no designs'))
    expect(button('Save all designs')?.disabled).toBe(true)
    expect(await indexedDB.databases()).toEqual([])
  })

  it('reports designs that cannot be read', async () => {
    vi.spyOn(indexedDB, 'open').mockImplementation(() => {
      throw new DOMException('denied', 'SecurityError')
    })
    await show(new Error('broken'))
    await vi.waitFor(() => expect(text()).toContain('does not let the designs be read'))
  })
})

it('designs are read whatever version of the database the app has written', async () => {
  await saveWork({ ...sampleDesign(), id: 'd1' })
  await closeDatabase()
  const newer = indexedDB.open('model-studio', 7)
  await new Promise((resolve) => {
    newer.onsuccess = resolve
  })
  newer.result.close()
  expect(await readDesigns()).toEqual([{ ...sampleDesign(), id: 'd1' }])
})

it('the file has the day in its name', () => {
  vi.stubGlobal('URL', Object.assign(URL, { createObjectURL: () => 'blob:file', revokeObjectURL: vi.fn() }))
  const names: string[] = []
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
    names.push(this.download)
  })
  saveDesigns([], new Date('2026-11-29T12:00:00Z'))
  expect(names).toEqual(['model-studio-designs-2026-11-29.json'])
})
