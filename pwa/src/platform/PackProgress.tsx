/** The progress of downloading Python to the phone, or why it cannot be used. */

import { useStore } from 'zustand'
import { offlineState } from '../offline/offline'
import { pythonState } from '../python/client'
import { percent } from '../ui/numbers'

export function PackProgress() {
  const { pack, progress } = useStore(offlineState)
  const { status } = useStore(pythonState)
  if (status === 'failed')
    return <p className="hint-line">Python cannot run on this phone. The server checks your designs instead.</p>
  if (pack === 'failed')
    return <p className="hint-line">Not everything is on this phone yet: for now, checking needs the network.</p>
  if (pack !== 'filling') return null
  return (
    <div className="hint-line">
      <label>
        Getting ready to work without a network · {percent(progress)}
        <progress className="pack-progress" value={progress} max={1} />
      </label>
    </div>
  )
}
