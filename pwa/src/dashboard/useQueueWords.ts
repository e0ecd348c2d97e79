/** The text that says what a queued run waits for; undefined if `ahead` is undefined, because the run then is not queued. */

import { useEffect, useState } from 'react'
import type { Run } from '../generated/wire'
import { queueWords } from '../runs/queue'
import { trainStore } from '../runs/runs'

export function useQueueWords(ahead: readonly Run[] | undefined): string | undefined {
  const [words, setWords] = useState('Waiting for its turn')
  useEffect(() => {
    if (ahead === undefined) return
    let isOld = false
    void queueWords(ahead, trainStore.getState().designId ?? '').then((found) => isOld || setWords(found))
    return () => {
      isOld = true
    }
  }, [ahead])
  return ahead === undefined ? undefined : words
}
