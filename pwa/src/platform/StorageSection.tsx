/** The storage of this phone: how much is used, whether the browser promised to keep it, and what to do where it did not. */

import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { askToKeep, offlineState } from '../offline/offline'
import { playPackStore } from '../offline/play_pack'
import { readSpace, type Space } from '../offline/storage_space'
import { listDesigns } from '../storage/designs'
import { downloadAll } from '../storage/export_all'
import { byteWords } from '../ui/numbers'
import { showToast } from '../ui/toasts'
import { useInstallOffer } from './InstallHint'
import { PlayPackLine } from './PlayPackLine'
import './sync.css'

export function StorageSection() {
  const space = useSpace()
  return (
    <section aria-label="Storage on this phone">
      <h3 className="sheet-heading">Storage on this phone</h3>
      {space && <Used space={space} />}
      <PlayPackLine />
      <Keeping />
    </section>
  )
}

function useSpace(): Space | undefined {
  const [space, setSpace] = useState<Space>()
  const playPack = useStore(playPackStore, ({ state }) => state)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the Play pack takes space once it has arrived
  useEffect(() => {
    let left = false
    void readSpace().then((read) => left || setSpace(read))
    return () => {
      left = true
    }
  }, [playPack])
  return space
}

function Used({ space: { used, quota } }: { space: Space }) {
  return (
    <div className="space-used">
      <span>{byteWords(used)} used</span>
      <span>of about {byteWords(quota)}</span>
      <span className="share-bar" aria-hidden="true">
        {used > 0 && <i style={{ width: `${(100 * used) / quota}%` }} />}
      </span>
    </div>
  )
}

const KEPT = 'The browser has promised to keep your designs: it does not delete them by itself.'
const NOT_KEPT =
  'The browser has not promised to keep your designs: it may delete them when this phone is full or the app is not opened for weeks. Put the app on the home screen, or save a copy.'
const UNKNOWN =
  'This browser does not say whether it keeps your designs. Put the app on the home screen over https, or save a copy.'
const REFUSED = 'The browser gave no promise. It does for an app on the home screen.'

function Keeping() {
  const { persisted } = useStore(offlineState)
  const install = useInstallOffer()
  const ask = async () => {
    if (!(await askToKeep())) showToast(REFUSED)
  }
  return (
    <>
      <p className="quiet">{persisted === undefined ? UNKNOWN : persisted ? KEPT : NOT_KEPT}</p>
      <div className="storage-actions">
        {persisted === false && (
          <button type="button" className="button" onClick={() => void ask()}>
            Ask to keep them
          </button>
        )}
        {persisted !== true && install && (
          <button type="button" className="button" onClick={install}>
            Install
          </button>
        )}
        <button type="button" className="button" onClick={() => void saveAll()}>
          Save all designs
        </button>
      </div>
    </>
  )
}

/** Download every design as one file, which "Open a file" under "New design" reads. */
async function saveAll(): Promise<void> {
  try {
    if ((await listDesigns()).length === 0) showToast('There are no designs on this phone')
    else await downloadAll()
  } catch {
    showToast('The designs could not be read from this phone', { tone: 'bad' })
  }
}
