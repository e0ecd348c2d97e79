import { afterEach, expect, it, vi } from 'vitest'
import { deleteRun } from './api'

afterEach(() => vi.unstubAllGlobals())

function answering(status: number, problem?: object) {
  const headers = { 'content-type': 'application/problem+json' }
  const fetched = vi.fn(
    async (_path: string, _init: RequestInit) => new Response(problem ? JSON.stringify(problem) : null, { status, headers }),
  )
  vi.stubGlobal('fetch', fetched)
  return fetched
}

it('deletes a run', async () => {
  const fetched = answering(204)
  await deleteRun('r1')
  expect(fetched.mock.calls.map(([path, { method }]) => [path, method])).toEqual([['/api/runs/r1', 'DELETE']])
})

it('succeeds where the run was deleted before', async () => {
  answering(404, { title: 'Not Found', status: 404, detail: 'There is no run r1.' })
  await expect(deleteRun('r1')).resolves.toBeUndefined()
})

it('fails where a 404 is not from the server, and where the run is active', async () => {
  answering(404)
  await expect(deleteRun('r1')).rejects.toMatchObject({ status: 404 })
  answering(409, { title: 'Conflict', status: 409, detail: 'The run is active; stop it first.' })
  await expect(deleteRun('r1')).rejects.toMatchObject({ status: 409, message: 'The run is active; stop it first.' })
})
