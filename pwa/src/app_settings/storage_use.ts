/** What takes space on this phone, measured as far as the browser lets it be. */

import { pause } from '../lib/pause'
import { offlineState } from '../offline/offline'
import { playPackStore } from '../offline/play_pack'
import { readSpace } from '../offline/storage_space'
import { pack } from '../python/pack'
import { listDesigns } from '../storage/designs'

export interface StorageUse {
  /** bytes that the browser counts; undefined where it does not say */
  total: number | undefined
  quota: number | undefined
  designs: { count: number; bytes: number }
  python: number
  play: number
  /** what the total has beyond the parts: the app itself, and what the browser needs to keep them */
  rest: number | undefined
}

/** Measure it; `networks` are the bytes of the kept networks. Each design counts with the version that the server has. */
export async function readStorageUse(networks: number): Promise<StorageUse> {
  const designs = { count: 0, bytes: 0 }
  for (const { work, base } of await listDesigns()) {
    designs.count += 1
    designs.bytes += JSON.stringify(work).length + (base ? JSON.stringify(base).length : 0)
    // the page may draw between two designs
    await pause()
  }
  const python = offlineState.getState().pack === 'ready' ? (pack?.files ?? []).reduce((sum, { bytes }) => sum + bytes, 0) : 0
  const { state, isKept, bytes } = playPackStore.getState()
  const play = state === 'ready' && isKept ? bytes : 0
  const space = await readSpace()
  const parts = designs.bytes + networks + python + play
  return {
    ...{ total: space?.used, quota: space?.quota, designs, python, play },
    rest: space && Math.max(0, space.used - parts),
  }
}
