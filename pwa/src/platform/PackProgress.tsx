/** The progress of downloading Python to the phone, or why it cannot be used. */

import { useStore } from 'zustand'
import { downloadAgain, offlineState } from '../offline/offline'
import { pythonState } from '../python/client'
import { byteWords, percent } from '../ui/numbers'
import './hint.css'

export function PackProgress() {
  const { pack, progress, packFull } = useStore(offlineState)
  const { status, interrupted, progress: loading } = useStore(pythonState)
  if (status === 'failed' && interrupted)
    return <Retry text="The download of Python was interrupted. Until it is complete, the server checks your designs." />
  if (status === 'failed')
    return <p className="hint-line">Python cannot run on this phone. The server checks your designs instead.</p>
  if (pack === 'failed' && packFull)
    return <Retry text="This phone is too full to keep Python: checking needs the network. Free some space." />
  if (pack === 'failed')
    return (
      <Retry text="The download for use without a network was interrupted. Until it is complete, checking needs the network." />
    )
  if (status === 'loading' && loading)
    return (
      <div className="hint-line">
        <label>
          Loading Python for the first time · {byteWords(loading.done)} of {byteWords(loading.total)}
          <progress value={loading.done} max={loading.total} />
        </label>
        <p>You can draw, move and save already; checks follow.</p>
      </div>
    )
  if (pack !== 'filling') return null
  return (
    <div className="hint-line">
      <label>
        Getting ready to work without a network · {percent(progress)}
        <progress value={progress} max={1} />
      </label>
    </div>
  )
}

/** What was interrupted continues by itself after a while; the person need not wait for that. */
function Retry({ text }: { text: string }) {
  return (
    <section className="hint" aria-label="Download">
      <p>{text}</p>
      <button type="button" className="button" onClick={downloadAgain}>
        Try again
      </button>
    </section>
  )
}
