/** The first module of the page: it loads the app, and shows why where that fails. It imports nothing that could fail itself. */

import { repairLanguages } from '../theme/locale'
import { NoStorage, showFailure } from './failure'

async function start(): Promise<void> {
  repairLanguages()
  if (!globalThis.indexedDB) throw new NoStorage('indexedDB is missing')
  await import('../boot')
}

start().catch((error: unknown) => showFailure(error))
