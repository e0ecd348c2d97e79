/** Has a damaged Play pack fetched again; apart from `play_pack.ts`, since only the Play screen needs it. */
import type { ToServiceWorker } from './messages'
import { fillPlayPack, playPackStore } from './play_pack'

/** Fetch every file of the Play pack again, since one is damaged; resolves as `fillPlayPack`, which joins it. */
export async function renewPlayPack(): Promise<void> {
  playPackStore.setState({ state: 'filling', progress: 0, reason: undefined })
  const registration = await navigator.serviceWorker?.getRegistration().catch(() => undefined)
  registration?.active?.postMessage({ type: 'renew-play-pack' } satisfies ToServiceWorker)
  await fillPlayPack()
}
