/** Reloads a tab that runs an older version of the app: when nobody uses it, or when the person asks. */

import { documentStore } from '../document/store'
import { hasUnsavedEdits, keepUnsavedForReload, saveNow } from '../editor/session'
import { newestVersion } from '../failure/newest_version'
import { layerCount } from '../navigation/layers'
import { applyUpdate, offlineState } from '../offline/offline'
import { closeDatabase, storageState } from '../storage/database'

/** How long nobody may have touched the screen before a visible tab reloads by itself. */
export const QUIET_MS = 10_000
const CHECK_MS = 2_000

let lastTouch = 0
let touching = 0
/** whether the person asked for the update in this tab */
let asked = false
let leaving = false

/** Take the update in this tab; it reloads as soon as the new version has taken over. */
export function takeUpdate(): void {
  asked = true
  applyUpdate()
}

/** Store what can be stored, release the database for newer versions, and load the newest version. */
export async function reloadNow(): Promise<void> {
  if (leaving) return
  leaving = true
  if (!(await saveNow())) keepUnsavedForReload()
  await closeDatabase()
  if (storageState.getState().outdated) await newestVersion()
  location.reload()
}

/** Reload this tab once it is replaced and idle; returns a function that stops this. */
export function startReloading(): () => void {
  asked = false
  leaving = false
  const touch = () => {
    lastTouch = performance.now()
  }
  const press = () => {
    touching += 1
    touch()
  }
  const lift = () => {
    touching = Math.max(0, touching - 1)
    touch()
  }
  const listeners = { pointerdown: press, pointerup: lift, pointercancel: lift, keydown: touch, wheel: touch }
  for (const [event, listener] of Object.entries(listeners)) addEventListener(event, listener, { capture: true, passive: true })
  let timer: ReturnType<typeof setInterval> | undefined
  const check = () => {
    if (!isReplaced() || !(asked || isIdle())) return
    clearInterval(timer)
    void reloadNow()
  }
  const watch = () => {
    if (isReplaced()) timer ??= setInterval(check, CHECK_MS)
    if (asked) check()
  }
  const stops = [offlineState.subscribe(watch), storageState.subscribe(watch)]
  return () => {
    clearInterval(timer)
    for (const stop of stops) stop()
    for (const [event, listener] of Object.entries(listeners)) removeEventListener(event, listener, { capture: true })
  }
}

const isReplaced = (): boolean => offlineState.getState().replaced || storageState.getState().outdated === true

/** Whether a reload takes nothing from the person: no typing, no gesture, no sheet, no unsaved edit, nothing to undo. */
function isIdle(): boolean {
  const { past, future } = documentStore.getState()
  if (isTyping() || touching > 0 || layerCount() > 0 || hasUnsavedEdits() || past.length + future.length > 0) return false
  return document.visibilityState === 'hidden' || performance.now() - lastTouch >= QUIET_MS
}

function isTyping(): boolean {
  const focused = document.activeElement
  return focused instanceof HTMLElement && (focused.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(focused.tagName))
}
