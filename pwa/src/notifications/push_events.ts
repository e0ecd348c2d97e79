/** What the service worker does with a push message and with a tap on a notification. */

import { addressOf, type Notice, noticeOf, type OpenRunMessage, placeOf } from './run_ended'

interface Shows {
  showNotification(title: string, options: Notice['options']): Promise<void>
}

interface AppWindow {
  readonly url: string
  postMessage(message: OpenRunMessage): void
  focus(): Promise<unknown>
}

interface Windows {
  matchAll(options: { type: 'window'; includeUncontrolled: true }): Promise<readonly AppWindow[]>
  openWindow(url: string): Promise<unknown>
}

interface Data {
  json(): unknown
}

/** Show the notification of a push message. */
export async function onPush(registration: Shows, data: Data | null): Promise<void> {
  const { title, options } = noticeOf(contentOf(data))
  await registration.showNotification(title, options)
}

function contentOf(data: Data | null): unknown {
  try {
    return data?.json()
  } catch {
    return undefined // no JSON: something else than a run, of a newer server
  }
}

/** Open the run of a notification: in the window of the app that was used last, else in a new one. */
export async function onTap(windows: Windows, data: unknown): Promise<void> {
  const place = placeOf(data)
  const all = await windows.matchAll({ type: 'window', includeUncontrolled: true })
  const open = all.find(({ url }) => new URL(url).pathname === '/')
  if (!open) return void (await windows.openWindow(place ? `/${addressOf(place)}` : '/'))
  if (place) open.postMessage({ type: 'open-run', ...place })
  await open.focus()
}
