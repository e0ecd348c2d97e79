/** The bin: deleted designs, each with a button that restores it. */

import { useEffect, useState } from 'react'
import { closeSheet } from '../editor/ui_state'
import { sentenceFor } from '../lib/error_sentence'
import { onDesignsChanged } from '../storage/designs'
import { BottomSheet } from '../ui/BottomSheet'
import { Icon } from '../ui/Icon'
import { momentOf } from '../ui/times'
import { showToast } from '../ui/toasts'
import { type Bin, loadBin, type Removed, restoreRemoved } from './bin'
import './history.css'

export function BinSheet() {
  const [bin, setBin] = useState<Bin>()
  const [busy, setBusy] = useState<string>()
  useEffect(() => {
    let left = false
    const read = () => void loadBin().then((found) => !left && setBin(found))
    read()
    const stop = onDesignsChanged(read)
    return () => {
      left = true
      stop()
    }
  }, [])
  const restore = async (removed: Removed) => {
    setBusy(removed.id)
    try {
      await restoreRemoved(removed)
      showToast(`Restored ${removed.name}`)
      setBin(await loadBin())
    } catch (error) {
      showToast(sentenceFor(error), { tone: 'bad' })
    }
    setBusy(undefined)
  }
  return (
    <BottomSheet title="Bin" note="Removed designs stay here until they are restored." onClose={closeSheet}>
      {bin?.trouble && (
        <p className="history-trouble" role="status">
          <Icon name="offline" /> {bin.trouble}
        </p>
      )}
      {!bin && <span className="spinner" role="status" aria-label="Loading" />}
      {bin?.list.length === 0 && !bin.trouble && <p className="bin-empty">Nothing was removed.</p>}
      <ul className="bin" aria-label="Removed designs">
        {bin?.list.map((removed) => (
          <li key={removed.id}>
            <div>
              <b>{removed.name}</b>
              <small>
                Removed {momentOf(removed.at)}
                {removed.here && ', not on the server yet'}
              </small>
            </div>
            <button
              type="button"
              className="button"
              disabled={busy !== undefined}
              aria-busy={busy === removed.id}
              aria-label={`Restore ${removed.name}`}
              onClick={() => void restore(removed)}
            >
              <Icon name="undo" /> Restore
            </button>
          </li>
        ))}
      </ul>
    </BottomSheet>
  )
}
