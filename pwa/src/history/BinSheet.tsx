/** The bin: deleted designs, each with a preview, a button that restores it and one that removes it for good. */

import { useEffect, useRef, useState } from 'react'
import { reportRestored } from '../editor/design_toasts'
import { closeSheet } from '../editor/ui_state'
import type { ModelArchitecture } from '../generated/wire'
import { sentenceFor } from '../lib/error_sentence'
import { onDesignsChanged } from '../storage/designs'
import { BottomSheet } from '../ui/BottomSheet'
import { Icon } from '../ui/Icon'
import { momentOf } from '../ui/times'
import { showToast } from '../ui/toasts'
import { type Bin, lastVersion, loadBin, type Removed, removeFromBin, restoreRemoved } from './bin'
import { Drawing } from './Drawing'
import './history.css'

export function BinSheet({ onClose = closeSheet }: { onClose?: () => void }) {
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
  const change = async (removed: Removed, how: (removed: Removed) => Promise<void>, report: () => void) => {
    setBusy(removed.id)
    try {
      await how(removed)
      report()
      setBin(await loadBin())
    } catch (error) {
      showToast(sentenceFor(error, { unreachable: UNREACHABLE }), { tone: 'bad' })
    }
    setBusy(undefined)
  }
  return (
    <BottomSheet title="Bin" note="Removed designs stay here until you restore them or remove them for good." onClose={onClose}>
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
            <details>
              <summary>
                <b>{removed.name}</b>
                <small>
                  Removed {momentOf(removed.at)}
                  {removed.work && ', not on the server yet'}
                </small>
              </summary>
              <Preview removed={removed} />
              {!removed.work && (
                <RemoveForGood
                  name={removed.name}
                  disabled={busy !== undefined}
                  onRemove={() => void change(removed, removeFromBin, () => showToast(`Removed ${removed.name} for good`))}
                />
              )}
            </details>
            <button
              type="button"
              className="button"
              disabled={busy !== undefined}
              aria-busy={busy === removed.id}
              aria-label={`Restore ${removed.name}`}
              onClick={() => void change(removed, restoreRemoved, () => reportRestored(removed.id, `Restored ${removed.name}`))}
            >
              <Icon name="undo" /> Restore
            </button>
          </li>
        ))}
      </ul>
    </BottomSheet>
  )
}

const UNREACHABLE = 'The server cannot be reached, and it keeps this design. Try again when the connection is back.'

/** The last version as a drawing; it is read once the entry is opened. */
function Preview({ removed }: { removed: Removed }) {
  const [version, setVersion] = useState<ModelArchitecture>()
  const [trouble, setTrouble] = useState<string>()
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const details = place.current?.closest('details')
    const read = () => {
      if (!details?.open) return
      setTrouble(undefined)
      lastVersion(removed).then(setVersion, (error: unknown) =>
        setTrouble(sentenceFor(error, { unreachable: 'The preview is shown when the server can be reached.' })),
      )
    }
    details?.addEventListener('toggle', read)
    return () => details?.removeEventListener('toggle', read)
  }, [removed])
  return (
    <div ref={place}>
      {version && <Drawing version={version} compared={undefined} />}
      {trouble && <p className="quiet">{trouble}</p>}
    </div>
  )
}

/** Asks before it removes. */
function RemoveForGood({ name, disabled, onRemove }: { name: string; disabled: boolean; onRemove: () => void }) {
  const [asking, setAsking] = useState(false)
  if (!asking) {
    return (
      <button type="button" className="button" data-look="bare" disabled={disabled} onClick={() => setAsking(true)}>
        <Icon name="bin" /> Remove for good
      </button>
    )
  }
  return (
    <fieldset aria-label={`Remove ${name} for good?`} className="bin-question">
      <p>All its versions are removed from the server. This cannot be undone.</p>
      <button type="button" className="button" onClick={() => setAsking(false)}>
        Keep
      </button>
      <button type="button" className="button" data-look="bad" disabled={disabled} onClick={onRemove}>
        Remove
      </button>
    </fieldset>
  )
}
