/** The first module of the page: it loads the app, and shows why where that fails. It imports nothing that could fail itself. */

import { NoStorage, showFailure } from '../failure/failure'
import { repairLanguages } from '../ui/locale'

async function start(): Promise<void> {
  repairLanguages()
  if (!globalThis.indexedDB) throw new NoStorage('indexedDB is missing')
  await import('../app/boot')
}

start().catch((error: unknown) => showFailure(error))
