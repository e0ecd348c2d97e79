/** Reads the designs of this phone directly from IndexedDB and saves them as a file; it uses no other code of the app. */

const DATABASE = 'model-studio'

/** A stored row, as far as it is read here; rows of any version of the app have this form. */
interface Row {
  work?: unknown
  deleted?: boolean
}

/** Every design that is not removed, in any version of the database; throws where the browser does not let it be read. */
export async function readDesigns(): Promise<unknown[]> {
  const database = await openExisting()
  if (!database?.objectStoreNames.contains('designs')) return []
  try {
    const rows = await resultOf<Row[]>(database.transaction('designs').objectStore('designs').getAll())
    return rows.filter((row) => !row.deleted && row.work !== undefined).map((row) => row.work)
  } finally {
    database.close()
  }
}

/** The database in the version that it has; undefined where there is none, which is then not made. */
function openExisting(): Promise<IDBDatabase | undefined> {
  const opening = indexedDB.open(DATABASE)
  let isNew = false
  opening.onupgradeneeded = () => {
    isNew = true
    opening.transaction?.abort()
  }
  return resultOf(opening).catch((error: unknown) => {
    if (isNew) return undefined
    throw error
  })
}

function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

/** Download designs as one JSON file: `{"designs": [...]}`, each a design as the server takes it. */
export function saveDesigns(designs: readonly unknown[], today = new Date()): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([JSON.stringify({ designs }, null, 2)], { type: 'application/json' }))
  link.download = `model-studio-designs-${today.toISOString().slice(0, 10)}.json`
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
