/** Copies a whole IndexedDB database, with its stores and indexes. */

const NAME = 'model-studio'

interface StoreCopy {
  name: string
  keyPath: string | string[] | null
  autoIncrement: boolean
  indexes: { name: string; keyPath: string | string[]; unique: boolean; multiEntry: boolean }[]
  keys: IDBValidKey[]
  values: unknown[]
}

/** A copied database. */
export interface Blueprint {
  version: number
  stores: StoreCopy[]
}

const done = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })

/** Everything in the database of a phone; undefined where it has none yet. */
export async function copyOf(factory: IDBFactory): Promise<Blueprint | undefined> {
  const known = await factory.databases()
  if (!known.some(({ name }) => name === NAME)) return undefined
  const db = await done(factory.open(NAME))
  const stores: StoreCopy[] = []
  for (const name of db.objectStoreNames) {
    const store = db.transaction(name).objectStore(name)
    const indexes = [...store.indexNames].map((index) => {
      const { keyPath, unique, multiEntry } = store.index(index)
      return { name: index, keyPath: keyPath as string | string[], unique, multiEntry }
    })
    const [keys, values] = await Promise.all([done(store.getAllKeys()), done(store.getAll())])
    stores.push({ name, keyPath: store.keyPath, autoIncrement: store.autoIncrement, indexes, keys, values })
  }
  const copy = { version: db.version, stores }
  db.close()
  return copy
}

/** Make the database of a phone what it was when the copy was made. */
export async function writeCopy(factory: IDBFactory, copy: Blueprint | undefined): Promise<void> {
  await done(factory.deleteDatabase(NAME))
  if (!copy) return
  const opening = factory.open(NAME, copy.version)
  opening.onupgradeneeded = () => {
    for (const { name, keyPath, autoIncrement, indexes } of copy.stores) {
      const store = opening.result.createObjectStore(name, { keyPath, autoIncrement })
      for (const index of indexes) store.createIndex(index.name, index.keyPath, index)
    }
  }
  const db = await done(opening)
  for (const { name, keyPath, keys, values } of copy.stores) {
    const store = db.transaction(name, 'readwrite').objectStore(name)
    await Promise.all(values.map((value, at) => done(keyPath === null ? store.put(value, keys[at]) : store.put(value))))
  }
  db.close()
}
