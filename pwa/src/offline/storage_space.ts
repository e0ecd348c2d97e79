/** How much of the phone's storage the app uses, as far as the browser says. */

export interface Space {
  /** bytes */
  used: number
  /** bytes that the browser lets the app use at most; an estimate */
  quota: number
}

/** The space used by designs, the app's files and Python; undefined where the browser does not say, such as over plain http. */
export async function readSpace(): Promise<Space | undefined> {
  try {
    const { usage, quota } = await navigator.storage.estimate()
    return usage === undefined || !quota ? undefined : { used: usage, quota }
  } catch {
    return undefined
  }
}
