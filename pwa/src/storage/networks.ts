/** The rows of the networks on this phone. Their files are in a cache (`networks/files.ts`). */
import { announce, onChange } from './changes'
import { type KeptNetwork, withDatabase } from './database'
import { networkRow } from './network_row'

export type { KeptNetwork } from './database'

/** Every network on this phone, the newest first; without rows that are not usable. */
export async function listNetworks(): Promise<KeptNetwork[]> {
  const rows = await withDatabase((db) => db.getAll('networks'))
  return usable(rows).sort((a, b) => b.order - a.order)
}

const usable = (rows: readonly unknown[]): KeptNetwork[] => rows.flatMap((row) => networkRow(row) ?? [])

/** The row of a network; undefined where there is none that is usable. */
export async function findNetwork(id: string): Promise<KeptNetwork | undefined> {
  return networkRow(await withDatabase((db) => db.get('networks', id)))
}

/** Store the row of a network; one that is there already keeps its place in the list. Returns it as it was stored. */
export async function storeNetwork(network: Omit<KeptNetwork, 'order'>): Promise<KeptNetwork> {
  const stored = await withDatabase(async (db) => {
    const tx = db.transaction('networks', 'readwrite')
    try {
      const rows = usable(await tx.store.getAll())
      const order = rows.find(({ id }) => id === network.id)?.order ?? 1 + Math.max(0, ...rows.map((row) => row.order))
      await tx.store.put({ ...network, order })
      await tx.done
      return { ...network, order }
    } catch (error) {
      tx.done.catch(() => {})
      // a request of an aborted transaction fails with `AbortError`, the transaction with the reason
      throw tx.error ?? error
    }
  })
  announce({ store: 'networks', ids: [network.id], local: false })
  return stored
}

export async function forgetNetwork(id: string): Promise<void> {
  await withDatabase((db) => db.delete('networks', id))
  announce({ store: 'networks', ids: [id], local: false })
}

/** Call `listener` when networks were kept or removed, also by another tab; returns how to stop. */
export function onNetworksChanged(listener: () => void): () => void {
  return onChange((change) => {
    if (change.store === 'networks') listener()
  })
}
