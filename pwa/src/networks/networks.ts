/** The trained networks on this phone: list, keep, read, remove. */

import { isGone } from '../api/api'
import { readExports } from '../api/exports'
import type { ExportList } from '../generated/wire'
import { sha256 } from '../lib/sha256'
import { findNetwork, forgetNetwork, type KeptNetwork, listNetworks, onNetworksChanged, storeNetwork } from '../storage/networks'
import { download } from './download'
import { alone, areFilesLasting, type FileKind, readFile, removeFile, removeOrphans, writeFile } from './files'
import { isFull, NetworkProblem, sentenceForNetwork } from './problem'
import { networksStore, without } from './store'

export type { KeptNetwork } from '../storage/networks'
export { areFilesLasting } from './files'
export { cancelKeeping, keepNetwork, networkId, onnxFiles, sizeOf } from './keep'
export { NetworkProblem, saysFull, sentenceForNetwork } from './problem'
export { changeNetworkSettings, networkSettings, networksStore } from './store'

let watching = false

/** Read the networks of this phone into `networksStore`, and again whenever they change, also in another tab. */
export async function readNetworks(): Promise<void> {
  if (!watching) {
    watching = true
    onNetworksChanged(() => void refresh())
    await alone(dropWhatDoesNotLast).catch(() => {})
  }
  await refresh()
}

const refresh = async (): Promise<void> => networksStore.setState({ networks: await listNetworks() })

/** Remove files without a row; where files last as long as the page, rows of earlier pages. */
async function dropWhatDoesNotLast(): Promise<void> {
  const rows = await listNetworks()
  if (areFilesLasting()) return removeOrphans(new Set(rows.map(({ id }) => id)))
  for (const { id } of rows) if (!(await readFile(id, 'plain'))) await forgetNetwork(id)
}

/** Everything of a design that can be fetched from the server; rejects with `ApiProblem`, also offline. */
export async function listExports(designId: string): Promise<ExportList> {
  const list = await readExports(designId)
  // nothing that was asked for fails because of it
  await noteValueUnits(list).catch(() => {})
  return list
}

/** Note what values are made of in the rows of networks that were kept before servers told. */
async function noteValueUnits({ runs }: ExportList): Promise<void> {
  for (const network of await listNetworks()) {
    const valueUnit = runs.find(({ run_id }) => run_id === network.runId)?.value_unit
    if (valueUnit && !network.valueUnit) await storeNetwork({ ...network, valueUnit })
  }
}

/** networks whose file was asked for in this page, so that the background fetch does not remove them */
const opened = new Set<string>()

export const isOpened = (id: string): boolean => opened.has(id)

/**
 * A file of a network, checked by its hash. A damaged or missing one is fetched again; null where that is not possible now, and
 * for a file that was never kept. Why is then in `networksStore.trouble`.
 */
export async function fileOf(id: string, kind: FileKind): Promise<ArrayBuffer | null> {
  const network = await findNetwork(id)
  const expected = kind === 'plain' ? network?.sha256 : network?.inspectSha256
  if (!network || !expected) return null
  opened.add(id)
  const bytes = await readFile(id, kind)
  if (bytes && (await sha256(bytes)) === expected) return bytes
  await removeFile(id, kind)
  try {
    return await fetchAgain(network, kind, expected)
  } catch (error) {
    await forgetLost(network, kind, error)
    return null
  }
}

/** Fetch a file of a kept network once more. The server may have written it anew meanwhile, with another hash. */
async function fetchAgain(network: KeptNetwork, kind: FileKind, expected: string): Promise<ArrayBuffer> {
  const { id, designId, runId, steps, checkpoint } = network
  const about = { designId, runId, steps, checkpoint, kind }
  const wanted = { ...about, sha256: expected, background: false, maxBytes: Number.POSITIVE_INFINITY }
  const { bytes, sha256: hash } = await download(wanted, () => {}, new AbortController().signal)
  const size = bytes.byteLength
  await alone(async () => {
    try {
      await writeFile(id, kind, bytes)
      const renewed = kind === 'plain' ? { bytes: size, sha256: hash } : { inspectBytes: size, inspectSha256: hash }
      await storeNetwork({ ...((await findNetwork(id)) ?? network), ...renewed })
    } catch (error) {
      await removeFile(id, kind).catch(() => {})
      throw isFull(error) ? new NetworkProblem('full', { cause: error }) : error
    }
  })
  networksStore.setState(({ trouble }) => ({ isFull: false, trouble: without(trouble, id) }))
  return bytes
}

const LOST = 'The file of this network on this phone is damaged'

/** Note that a damaged file could not be fetched again. One that the server no longer has either is forgotten. */
async function forgetLost(network: KeptNetwork, kind: FileKind, error: unknown): Promise<void> {
  const { id } = network
  const isLost = isGone(error) || (error instanceof NetworkProblem && error.kind === 'other-network')
  if (isLost && kind === 'plain') await removeNetwork(id)
  if (isLost && kind === 'inspect') await storeNetwork({ ...network, inspectBytes: null, inspectSha256: null })
  if (isFull(error)) networksStore.setState({ isFull: true })
  const sentence = isLost ? `${LOST}, and the server no longer has it.` : `${LOST}. ${sentenceForNetwork(error)}`
  networksStore.setState(({ trouble }) => ({ trouble: { ...trouble, [id]: sentence } }))
}

/** Remove a network from this phone; resolves with a function that puts it back as long as the page lives. */
export function removeNetwork(id: string): Promise<() => Promise<void>> {
  return alone(async () => {
    const network = await findNetwork(id)
    const files = new Map<FileKind, ArrayBuffer>()
    for (const kind of ['plain', 'inspect'] as const) {
      const bytes = await readFile(id, kind)
      if (bytes) files.set(kind, bytes)
    }
    await forgetNetwork(id)
    for (const kind of files.keys()) await removeFile(id, kind)
    networksStore.setState(({ trouble }) => ({ isFull: false, trouble: without(trouble, id) }))
    return () => (network ? putBack(network, files) : Promise.resolve())
  })
}

function putBack(network: KeptNetwork, files: ReadonlyMap<FileKind, ArrayBuffer>): Promise<void> {
  return alone(async () => {
    for (const [kind, bytes] of files) await writeFile(network.id, kind, bytes)
    await storeNetwork(network)
  })
}
