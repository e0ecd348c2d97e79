/** Earlier versions of designs, and the bin, on the server. */
import type { DeletedDesign, DesignMeta, ModelArchitecture, Revision } from '../generated/wire'
import { callServer, fetchJson } from './fetch_json'

const path = (...parts: string[]): string => `/api/${parts.map(encodeURIComponent).join('/')}`

/** The versions of a design, newest first, at most `limit` of those before the version with number `before`. */
export function listRevisions(designId: string, limit: number, before?: number): Promise<Revision[]> {
  const query = new URLSearchParams({ limit: String(limit), ...(before === undefined ? {} : { before: String(before) }) })
  return fetchJson(`${path('designs', designId, 'revisions')}?${query}`)
}

/** A design as it was; throws `ApiProblem` (404 where the document was thinned out since). */
export function readRevision(designId: string, etag: string): Promise<ModelArchitecture> {
  return fetchJson(path('designs', designId, 'revisions', etag))
}

/** Name a version, which is then never thinned out; throws `ApiProblem` (409 where too many have names). */
export async function nameRevision(designId: string, etag: string, name: string): Promise<void> {
  await callServer(path('designs', designId, 'revisions', etag, 'name'), { method: 'PUT', json: { name } })
}

export async function unnameRevision(designId: string, etag: string): Promise<void> {
  await callServer(path('designs', designId, 'revisions', etag, 'name'), { method: 'DELETE' })
}

/** The deleted designs, the one deleted last first. */
export function listBin(): Promise<DeletedDesign[]> {
  return fetchJson(path('bin'))
}

/** Restore a deleted design on the server; phones receive it with their next sync. */
export function restoreFromBin(designId: string): Promise<DesignMeta> {
  return fetchJson(path('bin', designId, 'restore'), { method: 'POST' })
}

/** Remove a deleted design and all its versions from the server for good; its runs stay. Throws `ApiProblem` (404). */
export async function removeForGood(designId: string): Promise<void> {
  await callServer(path('bin', designId), { method: 'DELETE' })
}
