/** What can be exported of a design, read when the dialog opens and again after each file. */

import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useStore } from 'zustand'
import type { ExportList } from '../generated/wire'
import { networksStore, readNetworks } from '../networks/networks'
import { runsStore } from '../runs/run_cache'
import { trainStore } from '../runs/runs'
import { cachedExports, readExports } from './early_list'
import { jobStore } from './job'
import { type FollowedRun, type OfferedRun, offersOf } from './offers'
import { listTroubleOf } from './sentences'

export interface Offers {
  runs: OfferedRun[]
  loading: boolean
  /** whether the server has answered */
  isListed: boolean
  /** why the runs of the server are not shown, or are not the newest */
  trouble: string | undefined
  reload: () => void
}

interface Listed {
  list?: ExportList
  error?: unknown
  loading: boolean
}

/** `runId` is the run on the screen. */
export function useOffers(designId: string, runId?: string): Offers {
  const networks = useStore(networksStore, (state) => state.networks)
  const [{ list, error, loading }, setListed] = useState<Listed>(() => {
    const known = cachedExports(designId, runId)
    return { ...(known && { list: known }), loading: true }
  })
  const newest = useRef(0)
  const reload = useCallback(async () => {
    newest.current += 1
    const ticket = newest.current
    setListed((before) => ({ ...before, loading: true }))
    const [listed] = await Promise.allSettled([readExports(designId), readNetworks()])
    if (ticket !== newest.current) return
    if (listed.status === 'fulfilled') setListed({ list: listed.value, loading: false })
    else setListed((before) => ({ ...before, error: listed.reason, loading: false }))
  }, [designId])
  useEffect(() => {
    void reload()
    // a file that was written has an exact size and its check
    const stop = jobStore.subscribe(({ phase }, before) => {
      if (phase !== before.phase && (phase === 'saved' || phase === 'shared' || phase === 'ready')) void reload()
    })
    return () => {
      newest.current += 1
      stop()
    }
  }, [reload])
  const runs = useMemo(
    () =>
      offersOf(
        list,
        networks.filter((network) => network.designId === designId),
        followedRuns(designId),
      ),
    [list, networks, designId],
  )
  const trouble = error === undefined ? undefined : listTroubleOf(error, runs.length > 0)
  return { runs, loading, isListed: list !== undefined, trouble, reload: () => void reload() }
}

/** The runs of a design that this page knows of, the one on the screen with its test games. */
function followedRuns(designId: string): FollowedRun[] {
  const { run: shown, others, history } = trainStore.getState()
  const runs = [...(shown ? [shown] : []), ...others, ...runsStore.getState().runs]
  return runs
    .filter((run) => run.design_id === designId)
    .map((run) => ({ run, evaluations: history?.runId === run.id ? history.evaluations : [] }))
}
