/** How much of this phone the app uses, what for, and what of it can be removed. */

import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { networksStore, readNetworks } from '../networks/networks'
import { sizeOnPhone } from '../networks_screen/network_words'
import { playPackStore } from '../offline/play_pack'
import { PlayPackLine } from '../platform/PlayPackLine'
import { byteWords, plural } from '../ui/numbers'
import { Row } from './Row'
import { readStorageUse, type StorageUse as Use } from './storage_use'

export function StorageUse({ onNetworks }: { onNetworks: () => void }) {
  const networks = useStore(networksStore, (state) => state.networks)
  const bytes = networks.reduce((sum, network) => sum + sizeOnPhone(network), 0)
  const use = useStorageUse(bytes)
  useEffect(() => {
    // where they cannot be read, the list of networks says so
    readNetworks().catch(() => {})
  }, [])
  return (
    <>
      {use?.total !== undefined && use.quota !== undefined && <Total used={use.total} quota={use.quota} />}
      <ul className="storage-parts">
        <Part name="Designs" note={use && plural(use.designs.count, 'design')} bytes={use?.designs.bytes} />
        {use !== undefined && use.python > 0 && <Part name="Python, which checks designs offline" bytes={use.python} />}
        {use !== undefined && use.play > 0 && <Part name="Runtime of Play" bytes={use.play} />}
        {use?.rest !== undefined && <Part name="The app and the rest" bytes={use.rest} />}
      </ul>
      <Row
        icon="phone"
        title="Trained networks"
        note={networks.length === 0 ? 'None on this phone' : `${plural(networks.length, 'network')}, which can be removed`}
        value={bytes > 0 ? byteWords(bytes) : undefined}
        onOpen={onNetworks}
      />
      {use !== undefined && use.play === 0 && <PlayPackLine />}
    </>
  )
}

function useStorageUse(networks: number): Use | undefined {
  const [use, setUse] = useState<Use>()
  const play = useStore(playPackStore, ({ state }) => state)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the runtime of Play takes space once it has arrived
  useEffect(() => {
    let left = false
    readStorageUse(networks).then(
      (read) => left || setUse(read),
      () => {}, // the database cannot be read: the sync status says so
    )
    return () => {
      left = true
    }
  }, [networks, play])
  return use
}

function Total({ used, quota }: { used: number; quota: number }) {
  return (
    <div className="storage-total">
      <b>{byteWords(used)} used</b>
      <span className="storage-quota">of about {byteWords(quota)}</span>
      <span className="share-bar" aria-hidden="true">
        {used > 0 && <i style={{ width: `${(100 * used) / quota}%` }} />}
      </span>
    </div>
  )
}

function Part({ name, note, bytes }: { name: string; note?: string | undefined; bytes: number | undefined }) {
  return (
    <li>
      <span>
        {name}
        {note && <small>{note}</small>}
      </span>
      <span>{bytes === undefined ? '…' : byteWords(bytes)}</span>
    </li>
  )
}
