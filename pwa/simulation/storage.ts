/** The IndexedDB of one phone: faults on demand, and copies that are put back or given to another phone. */
import { type Blueprint, copyOf, writeCopy } from './storage_copy'

export type StorageFault = 'quota' | 'abort'

/** Fails one of the next writes; the whole transaction is aborted then, as in a browser. */
export class StorageFaults {
  private left = -1
  private kind: StorageFault = 'abort'
  happened = 0

  /** Let the write after `writes` others fail. */
  arm(kind: StorageFault, writes: number): void {
    this.kind = kind
    this.left = writes
  }

  disarm(): void {
    this.left = -1
  }

  /** Called for each write; what is returned ends the transaction. */
  strike(): StorageFault | undefined {
    if (this.left < 0) return undefined
    this.left -= 1
    if (this.left >= 0) return undefined
    this.happened += 1
    return this.kind
  }
}

export const storageFaults = new StorageFaults()

type Aborting = IDBTransaction & { _abort?: (name: string) => void }

/** Route every write through `storageFaults`; called once in a process or page. */
export function installFaults(): void {
  const put = IDBObjectStore.prototype.put
  IDBObjectStore.prototype.put = function (this: IDBObjectStore, ...args: Parameters<typeof put>) {
    const fault = storageFaults.strike()
    const request = put.apply(this, args)
    if (fault) abort(this.transaction, fault)
    return request
  }
}

function abort(transaction: Aborting, fault: StorageFault): void {
  // the browser alone can set the error of a transaction; fake-indexeddb has a method for it
  if (fault === 'quota' && transaction._abort) transaction._abort('QuotaExceededError')
  else transaction.abort()
}

/** Makes the factories of phones: one in-memory database each in Node, a prefix of the name in a page. */
export type MakeFactory = (phone: string) => IDBFactory

export class PhoneStorage {
  factory: IDBFactory

  constructor(
    private readonly make: MakeFactory,
    private readonly phone: string,
  ) {
    this.factory = make(phone)
  }

  copy(): Promise<Blueprint | undefined> {
    return copyOf(this.factory)
  }

  /** Replace everything by a copy; no connection may be open. */
  async putBack(copy: Blueprint | undefined): Promise<void> {
    this.factory = this.make(this.phone)
    await writeCopy(this.factory, copy)
  }
}
