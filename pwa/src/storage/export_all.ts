/** All designs of this phone in one file, and back, without a network or Python. */
import type { ModelArchitecture } from '../generated/wire'
import { pause } from '../lib/pause'
import { saveFile } from '../lib/save_file'
import { getDesign, listDesigns, newDesignId, saveWork } from './designs'
import { sameDocument } from './same_document'

const IMPORTED = ' (imported)'
const MAX_NAME = 120
const ID = /^[a-z][a-z0-9_]{0,63}$/

/** What became of the designs in a file. */
export interface Imported {
  /** unknown here before */
  added: number
  /** known here with other content, so added under a new id and name */
  copied: number
  /** here already with the same content */
  same: number
  /** names of those that are no designs, or that could not be stored */
  failed: string[]
}

/** A file that holds no designs; the message says why. */
export class NoDesigns extends Error {
  override readonly name = 'NoDesigns'
}

/**
 * A JSON file `{"designs": [...]}` of every design that is not removed, as the person sees it, so that "Open a file" and
 * `importAll` read it.
 */
export async function exportAll(): Promise<Blob> {
  const parts: string[] = ['{"designs": [']
  for (const [index, { work }] of (await listDesigns()).entries()) {
    parts.push(index === 0 ? '\n' : ',\n', JSON.stringify(work))
    // the page may draw between two designs
    await pause()
  }
  parts.push('\n]}\n')
  return new Blob(parts, { type: 'application/json' })
}

/** Download the file of `exportAll`. */
export async function downloadAll(): Promise<void> {
  saveFile(await exportAll(), `model-studio-designs-${new Date().toISOString().slice(0, 10)}.json`)
}

/**
 * Add the designs of a file that `exportAll` made. Nothing here is overwritten: a design whose id has other content here becomes a
 * copy. Only the form is checked; a design of an older version is brought up to date when it is opened. Throws `NoDesigns`.
 */
export async function importAll(file: Pick<Blob, 'text'>): Promise<Imported> {
  const result: Imported = { added: 0, copied: 0, same: 0, failed: [] }
  const here = new Map((await listDesigns()).map(({ id, work }) => [id, work]))
  for (const [index, design] of designsIn(await file.text()).entries()) {
    if (!isDesign(design)) {
      result.failed.push(nameOf(design, index))
      continue
    }
    try {
      const added = await importOne(design, here)
      result[added.outcome] += 1
      if (added.design) here.set(added.design.id, added.design)
    } catch {
      // `storageState` says why, and the others may fit
      result.failed.push(nameOf(design, index))
    }
  }
  return result
}

interface One {
  outcome: 'added' | 'copied' | 'same'
  design?: ModelArchitecture
}

async function importOne(design: ModelArchitecture, here: ReadonlyMap<string, ModelArchitecture>): Promise<One> {
  const known = here.get(design.id) ?? (await getDesign(design.id))?.work
  if (!known) {
    await saveWork(design)
    return { outcome: 'added', design }
  }
  if (sameDocument(known, design)) return { outcome: 'same' }
  const copy = copyOf(design)
  // a file that is imported twice makes no second copy
  if ([...here.values()].some((one) => sameDocument({ ...one, id: copy.id }, copy))) return { outcome: 'same' }
  await saveWork(copy)
  return { outcome: 'copied', design: copy }
}

const copyOf = (design: ModelArchitecture): ModelArchitecture => ({
  ...design,
  id: newDesignId(),
  name: `${[...design.name].slice(0, MAX_NAME - IMPORTED.length).join('')}${IMPORTED}`,
})

function designsIn(text: string): unknown[] {
  let read: unknown
  try {
    read = JSON.parse(text)
  } catch {
    throw new NoDesigns('This file is not JSON.')
  }
  const designs = typeof read === 'object' && read !== null && 'designs' in read ? read.designs : undefined
  if (!Array.isArray(designs)) throw new NoDesigns('This file holds no list of designs.')
  return designs
}

/** Whether something has the form of a design, in any version of the schema; the values in it are checked when it is opened. */
function isDesign(value: unknown): value is ModelArchitecture {
  if (typeof value !== 'object' || value === null) return false
  const { id, name, schema_version, meta, components, edges } = value as Partial<Record<keyof ModelArchitecture, unknown>>
  const isNamed = typeof id === 'string' && ID.test(id) && typeof name === 'string' && [...name].length <= MAX_NAME
  const isVersioned = typeof schema_version === 'number' && typeof meta === 'object' && meta !== null
  return isNamed && isVersioned && Array.isArray(components) && components.every(isComponent) && isEdges(edges)
}

function isComponent(value: unknown): boolean {
  const { id, type, props } = (value ?? {}) as { id?: unknown; type?: unknown; props?: unknown }
  return typeof id === 'string' && typeof type === 'string' && typeof props === 'object' && props !== null
}

const isEdges = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.every((edge) => Array.isArray(edge) && edge.length === 2 && edge.every((end) => typeof end === 'string'))

function nameOf(design: unknown, index: number): string {
  const name = (design as { name?: unknown } | null)?.name
  return typeof name === 'string' && name ? name : `design ${index + 1}`
}
