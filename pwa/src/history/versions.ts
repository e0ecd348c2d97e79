/** The versions of a design: those of the server, and without it those that this phone has. */

import { listRevisions, readRevision } from '../api/history'
import { plainVersion } from '../document/catalogue'
import { commitVersion, documentOf } from '../document/store'
import type { ModelArchitecture, Revision } from '../generated/wire'
import { sentenceFor } from '../lib/error_sentence'
import { persisted, recordOf } from '../lib/persisted'
import { upgrade } from '../python/client'
import { getDesign, saveWork } from '../storage/designs'
import { presentDeviceId } from '../storage/device'
import { sameDocument } from '../storage/same_document'
import { syncSoon } from '../sync/sync'
import { momentOf } from '../ui/times'

export interface Version {
  key: string
  /** undefined where the time is not known */
  at: Date | undefined
  name: string
  device: string
  change: string
  /** whether the design is this version now */
  current: boolean
  /** by which the server finds it */
  etag?: string
  number?: number
  /** where this phone has it */
  document?: ModelArchitecture
}

export interface Versions {
  list: Version[]
  /** why this is not all there is; undefined where the server answered */
  trouble: string | undefined
  /** whether the server has older ones */
  more: boolean
}

/** "14:32", or what it is called instead. */
export const titleOf = ({ name, at }: Pick<Version, 'name' | 'at'>): string => name || (at ? momentOf(at) : 'Last synced version')

const PAGE = 40
const MAX_REMEMBERED = 6
const UNREACHABLE = 'The server cannot be reached. It keeps the other versions.'

/** The lists that were shown last, for a phone without a connection; the designs in them are not stored. */
const remembered = persisted('model-studio-versions', recordOf<Revision[]>)

/** The versions of a design, newest first, with what this phone has not sent yet on top. */
export async function loadVersions(designId: string, before?: Version): Promise<Versions> {
  const own = before ? [] : await ofThisPhone(designId)
  const ownId = await presentDeviceId()
  try {
    const revisions = await listRevisions(designId, PAGE, before?.number)
    if (!before) remember(designId, revisions)
    const unsent = own.filter(({ key }) => key === UNSENT)
    return {
      list: [...unsent, ...revisions.map((one) => versionOf(one, unsent, ownId))],
      trouble: undefined,
      more: revisions.length === PAGE,
    }
  } catch (error) {
    const known = before ? [] : (remembered.read()[designId] ?? [])
    const listed = known
      .map((one) => versionOf(one, own, ownId))
      .filter(({ etag }) => own.every((version) => version.etag !== etag))
    return { list: [...own, ...listed], trouble: sentenceFor(error, { unreachable: UNREACHABLE }), more: false }
  }
}

const UNSENT = 'unsent'
const THIS_PHONE = 'This phone'

/** What is on the screen, where the server does not have it, and the version that both last agreed on. */
async function ofThisPhone(designId: string): Promise<Version[]> {
  const row = await getDesign(designId)
  if (!row) return []
  const work = documentOf(designId) ?? row.work
  const versions: Version[] = []
  const blank = { name: '', device: '', change: '' }
  if (!row.base || !sameDocument(work, row.base)) {
    const at = new Date(row.updatedAt)
    versions.push({
      ...blank,
      key: UNSENT,
      at,
      device: THIS_PHONE,
      change: 'Not on the server yet',
      current: true,
      document: work,
    })
  }
  if (row.base) {
    const { base: document, baseEtag } = row
    const current = versions.length === 0
    const last = { ...blank, key: 'base', at: undefined, change: 'This phone has it', current, document }
    versions.push({ ...last, ...(baseEtag && { etag: baseEtag }) })
  }
  return versions
}

function versionOf(
  { number, etag, stored_at, current, name = '', device = '', device_id, change = '' }: Revision,
  newer: Version[],
  ownId: string | undefined,
): Version {
  const from = device_id !== undefined && device_id === ownId ? THIS_PHONE : device
  return {
    ...{ key: `${number} ${etag}`, at: new Date(stored_at), name, device: from, etag, number },
    change: change || (number === 1 ? 'First version' : ''),
    current: current && newer.length === 0,
  }
}

function remember(designId: string, revisions: Revision[]): void {
  const { [designId]: _, ...others } = remembered.read()
  const kept = Object.entries(others).slice(-MAX_REMEMBERED + 1)
  remembered.write({ ...Object.fromEntries(kept), [designId]: revisions.slice(0, PAGE) })
}

/** The design as it was in a version, in the newest schema; throws where it cannot be had. */
export async function documentOfVersion(designId: string, { etag, document }: Version): Promise<ModelArchitecture> {
  const found = document ?? (await readRevision(designId, etag ?? ''))
  return found.schema_version < plainVersion ? upgrade(JSON.stringify(found)) : found
}

/** What the design is now on this phone. */
export const presentDocument = async (designId: string): Promise<ModelArchitecture | undefined> =>
  documentOf(designId) ?? (await getDesign(designId))?.work

/**
 * Make the design what it was, as an edit like any other: it works without the server, and can be undone while it is open.
 * Resolves with whether it can; false also where the design is this version already.
 */
export async function restoreVersion(designId: string, version: ModelArchitecture): Promise<boolean> {
  const work = { ...version, id: designId }
  if (documentOf(designId)) return commitVersion(work, 'Restored an earlier version')
  const row = await getDesign(designId)
  await saveWork(work, row?.revision)
  syncSoon('edit')
  return false
}
