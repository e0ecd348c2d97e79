/** How to move designs to another address, since a browser stores them per origin. */

import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { Transfer } from '../designs/Transfer'
import { listDesigns, onDesignsChanged } from '../storage/designs'
import { syncState } from '../sync/sync'
import { BottomSheet } from '../ui/BottomSheet'
import { plural } from '../ui/numbers'
import './pairing.css'

const isLoopback = (): boolean => /^(localhost|.*\.localhost|127\.[\d.]+|\[::1\])$/.test(location.hostname)

export function MoveSheet({ onClose }: { onClose: () => void }) {
  const count = useCount()
  const { waiting, refused, lastSyncedAt } = useStore(syncState)
  const here = lastSyncedAt === undefined ? count : Math.min(count, waiting + refused)
  return (
    <BottomSheet
      title="Move to another address"
      note={`This browser keeps its designs for ${location.origin} alone; another address begins empty.`}
      onClose={onClose}
    >
      <p className="move-state" role="status">
        {here === 0
          ? 'Every design of this browser is on the server. At the new address they appear by themselves.'
          : `${plural(here, 'design is', 'designs are')} in this browser alone. Take ${here === 1 ? 'it' : 'them'} along with a file.`}
      </p>
      <ol className="steps">
        {here > 0 && (
          <li>
            Here: tap <b>Export all designs</b>.
          </li>
        )}
        <li>
          {isLoopback() ? (
            <>
              On the machine of the server: stop it and run <code>make phone</code>. Scan the code that it shows.
            </>
          ) : (
            <>
              Open the new address and pair the browser there. <code>model-studio devices pair</code> shows a code.
            </>
          )}
        </li>
        {here > 0 && (
          <li>
            There: tap <b>Import</b> and choose the file. Nothing is overwritten.
          </li>
        )}
      </ol>
      <div className="move-files">
        <Transfer count={count} />
      </div>
      <p className="quiet">
        Prefer a name such as studio.local to a number: numbers change, and the designs of a browser stay behind. Trained networks
        that are kept on the phone do not move; they are fetched again.
      </p>
    </BottomSheet>
  )
}

function useCount(): number {
  const [count, setCount] = useState(0)
  useEffect(() => {
    let left = false
    const read = () =>
      void listDesigns().then(
        (rows) => left || setCount(rows.length),
        () => {},
      )
    read()
    const stop = onDesignsChanged(read)
    return () => {
      left = true
      stop()
    }
  }, [])
  return count
}
