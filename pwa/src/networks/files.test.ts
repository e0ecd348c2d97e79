import { expect, test, vi } from 'vitest'
import { storeNetwork } from '../storage/networks'
import { readFile, removeFile, writeFile } from './files'
import { bytesOf, fakeCaches, network, startWithoutNetworks, textOf } from './test_networks'

startWithoutNetworks()

/** The module as a page that was just opened has it. */
async function newPage(): Promise<typeof import('./networks')> {
  vi.resetModules()
  return import('./networks')
}

test('files without a row are removed when a page is opened', async () => {
  await writeFile('r1-100', 'plain', bytesOf('a').buffer)
  await writeFile('r2-100', 'plain', bytesOf('b').buffer)
  await storeNetwork(network('r1-100'))
  await (await newPage()).readNetworks()
  expect(fakeCaches.pathsIn('networks')).toEqual(['/networks/r1-100/plain.onnx'])
})

test('over plain http files last as long as the page, and the rows of earlier pages go', async () => {
  vi.stubGlobal('caches', undefined)
  await writeFile('r1-100', 'plain', bytesOf('a').buffer)
  expect(textOf(await readFile('r1-100', 'plain'))).toBe('a')
  await removeFile('r1-100', 'plain')
  expect(await readFile('r1-100', 'plain')).toBeNull()
  await storeNetwork(network('r1-100'))
  const { readNetworks, networksStore } = await newPage()
  await readNetworks()
  expect(networksStore.getState().networks).toEqual([])
})
