/** The push subscription of this browser, and that the server has the same one; used by the page and by the service worker. */

import { callServer, fetchJson } from '../api/fetch_json'
import type { PushState, SubscriptionRequest } from '../generated/wire'

const PATH = '/api/push'

/** Whether the server notifies this device, and for which key a browser subscribes. Throws `ApiProblem`. */
export const readPushState = (): Promise<PushState> => fetchJson(PATH)

/** Subscribe for the key of the server, and tell it where. Throws `ApiProblem`, and `DOMException` of the browser. */
export async function subscribe(registration: ServiceWorkerRegistration, server?: PushState): Promise<PushState> {
  const state = server ?? (await readPushState())
  if (state.public_key === null) return state
  const key = bytesOf(state.public_key)
  const before = await registration.pushManager.getSubscription()
  // a browser refuses another key while it has a subscription
  if (before && !isFor(before, key)) await before.unsubscribe()
  const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key })
  if (subscription.endpoint !== state.endpoint) await callServer(PATH, { method: 'PUT', json: requestOf(subscription) })
  return { ...state, endpoint: subscription.endpoint }
}

/** End the subscription. If the server cannot be reached, the push service answers its next message with 410. */
export async function unsubscribe(registration: ServiceWorkerRegistration | undefined): Promise<void> {
  const subscription = await registration?.pushManager.getSubscription()
  await subscription?.unsubscribe()
  await callServer(PATH, { method: 'DELETE' }).catch(() => {})
}

function requestOf(subscription: PushSubscription): SubscriptionRequest {
  const { keys } = subscription.toJSON()
  return { endpoint: subscription.endpoint, keys: { p256dh: keys?.p256dh ?? '', auth: keys?.auth ?? '' } }
}

/** Whether a subscription is for this key; true where the browser does not tell. */
function isFor({ options }: PushSubscription, key: Uint8Array): boolean {
  const known = options?.applicationServerKey
  if (!known) return true
  const bytes = new Uint8Array(known)
  return bytes.length === key.length && bytes.every((byte, index) => byte === key[index])
}

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0))
}
