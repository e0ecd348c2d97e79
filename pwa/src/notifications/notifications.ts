/** Whether this phone is notified when a run ends, why it cannot be where it cannot, and turning it on and off. */

import { ApiProblem } from '../api/problem'
import type { PushState } from '../generated/wire'
import { sentenceFor } from '../lib/error_sentence'
import { isInstalled } from '../pairing/pairing'
import { readPushState, subscribe, unsubscribe } from './subscription'
import { wanted } from './wanted'

export type Obstacle =
  | 'insecure'
  | 'not-installed'
  | 'unsupported'
  | 'not-stored'
  | 'blocked'
  | 'not-paired'
  | 'no-pairing'
  | 'unreachable'

export type NotificationState = 'on' | 'off' | Obstacle

const PATIENCE_MS = 10_000
const NO_PUSH_SERVICE =
  'The push service of this browser could not be reached. See that the phone has a connection to the internet, and try again.'

/** How it stands; where notifications are wanted and the server has lost the subscription, it gets it again. */
export async function readNotifications(): Promise<NotificationState> {
  const obstacle = obstacleHere()
  if (obstacle) return obstacle
  try {
    const server = await readPushState()
    if (!server.paired) return 'no-pairing'
    return await stateWith(server)
  } catch (error) {
    return obstacleOf(error)
  }
}

async function stateWith(server: PushState): Promise<NotificationState> {
  if (!wanted.read() || Notification.permission !== 'granted') return 'off'
  const registration = await registered()
  if (!registration) return 'not-stored'
  try {
    await subscribe(registration, server)
  } catch (error) {
    if (error instanceof ApiProblem) throw error
    return 'off' // the browser has ended the subscription
  }
  return 'on'
}

/** Ask for the permission and subscribe; to be called in the handler of a tap. Throws an error for `sentenceOf`. */
export async function turnOn(): Promise<NotificationState> {
  // before anything else is waited for, since Safari asks only in direct answer to a tap
  const permission = await Notification.requestPermission()
  if (permission !== 'granted') return permission === 'denied' ? 'blocked' : 'off'
  const registration = await registered()
  if (!registration) return 'not-stored'
  const { paired } = await subscribe(registration)
  if (!paired) return 'no-pairing'
  wanted.write(true)
  return 'on'
}

export async function turnOff(): Promise<NotificationState> {
  wanted.write(false)
  await unsubscribe(await registered())
  return 'off'
}

/** Why turning it on failed, and what to do. */
export const sentenceOf = (error: unknown): string =>
  sentenceFor(error, {
    unreachable: 'The server cannot be reached. Try again when it is back.',
    unforeseen: NO_PUSH_SERVICE,
  })

/** What stands in the way on this phone, whatever the server says. */
export function obstacleHere(): Obstacle | undefined {
  if (!window.isSecureContext) return 'insecure'
  const can = 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window
  if (!can) return isApple() && !isInstalled() ? 'not-installed' : 'unsupported'
  if (Notification.permission === 'denied') return 'blocked'
  return undefined
}

/** Whether this is an iPhone or an iPad, which says that it is a Mac and has a touch screen. */
const isApple = (): boolean =>
  /iPhone|iPad|iPod/.test(navigator.userAgent) || (/Mac/.test(navigator.userAgent) && navigator.maxTouchPoints > 1)

function obstacleOf(error: unknown): Obstacle {
  return error instanceof ApiProblem && error.kind === 'unpaired' ? 'not-paired' : 'unreachable'
}

/** The service worker once it is active; undefined where there is none, as in development. */
async function registered(): Promise<ServiceWorkerRegistration | undefined> {
  const known = await navigator.serviceWorker.getRegistration()
  if (known?.active) return known
  const late = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), PATIENCE_MS))
  return Promise.race([navigator.serviceWorker.ready, late])
}
