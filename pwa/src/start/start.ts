/** The first module of the page: loads the app, or shows why it cannot start. It imports nothing that could fail itself. */

import { NoStorage, showFailure } from '../failure/failure'
import { repairLanguages } from '../ui/locale'

async function start(): Promise<void> {
  repairLanguages()
  if (!globalThis.indexedDB) throw new NoStorage('indexedDB is missing')
  await import('../app/boot')
}

start().catch((error: unknown) => showFailure(error))
