/** Which device this phone is to the server. */

import { withDatabase } from './database'

/** The id by which the server knows this phone; undefined before its first edit or sync. */
export async function presentDeviceId(): Promise<string | undefined> {
  const meta = await withDatabase((db) => db.get('meta', 'sync'))
  return meta?.deviceId ?? meta?.clientId
}
