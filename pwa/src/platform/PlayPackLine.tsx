/** Playing offline: whether what it needs is on this phone, with its size, and how to bring it here. */

import { useStore } from 'zustand'
import { playDownloadBytes } from '../offline/play_files'
import { fillPlayPack, playPackStore, removePlayPack } from '../offline/play_pack'
import { Icon } from '../ui/Icon'
import { byteWords, percentDone } from '../ui/numbers'
import './play-pack.css'

/** `removable`: with a button that removes it. */
export function PlayPackLine({ removable = false }: { removable?: boolean }) {
  const { state, progress, reason, bytes, isKept } = useStore(playPackStore)
  const size = byteWords(playDownloadBytes)
  if (state === 'ready')
    return (
      <div className="play-pack" data-state={isKept ? 'ready' : 'online'}>
        <Icon name={isKept ? 'compile' : 'offline'} />
        <p role="status" aria-label="Play pack">
          {isKept ? 'Play works offline' : 'Play works while the server can be reached'}
          <small>{isKept ? `${byteWords(bytes)} on this phone` : 'Over https, this phone could keep what it needs.'}</small>
        </p>
        {removable && isKept && <RemoveButton />}
      </div>
    )
  if (state === 'filling')
    return (
      <div className="play-pack" data-state="filling">
        <label>
          <span role="status" aria-label="Play pack">
            Fetching what Play needs · {percentDone(progress)} of {size}
          </span>
          <progress value={progress} max={1} />
        </label>
      </div>
    )
  return (
    <div className="play-pack" data-state={state}>
      <p role="status" aria-label="Play pack">
        {state === 'failed' ? failedWords(reason) : 'Play needs a connection until its runtime is on this phone.'}
      </p>
      <button type="button" className="button" onClick={() => void fillPlayPack()}>
        {state === 'failed' ? 'Try again' : 'Make available offline'} · {size}
      </button>
    </div>
  )
}

/** There is no question before it: the pack can be fetched again with the button that then stands in its place. */
function RemoveButton() {
  return (
    <button
      type="button"
      className="button"
      data-look="bare"
      data-square
      aria-label="Remove what Play needs offline"
      onClick={() => void removePlayPack()}
    >
      <Icon name="bin" />
    </button>
  )
}

const failedWords = (reason: 'full' | 'interrupted' | undefined): string =>
  reason === 'full'
    ? 'This phone is too full for the runtime of Play. Remove networks or other data, then try again.'
    : 'The download of the runtime of Play was interrupted. It continues where it stopped.'
