/** Keeps the screen on while a network plays, where the browser can and the person allows it. */

/** Whether this browser can keep the screen on. */
export const canKeepScreenOn = (): boolean => 'wakeLock' in navigator

/**
 * Keep the screen on from now on; returns how to stop. A browser ends it whenever the page is hidden, so it is asked again when
 * the page is shown; it may refuse, such as with a low battery.
 */
export function keepScreenOn(): () => void {
  if (!canKeepScreenOn()) return () => {}
  let stopped = false
  let lock: WakeLockSentinel | undefined
  const ask = () => {
    if (document.visibilityState !== 'visible') return
    navigator.wakeLock.request('screen').then(
      (granted) => {
        if (stopped) void granted.release()
        else lock = granted
      },
      () => {
        // refused: the game is watched until the screen turns off
      },
    )
  }
  document.addEventListener('visibilitychange', ask)
  ask()
  return () => {
    stopped = true
    document.removeEventListener('visibilitychange', ask)
    void lock?.release()
  }
}
