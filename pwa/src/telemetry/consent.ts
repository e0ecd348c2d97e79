/** Whether the person lets this device record its use, as the screen shows it; the stored answer decides. */
import { createStore } from 'zustand/vanilla'
import { onChange } from '../storage/changes'
import { readConsent, storeAnswer } from '../storage/telemetry'

interface ConsentState {
  /** undefined until it is read */
  answer: 'yes' | 'no' | 'none' | undefined
  /** whether the server has yet to delete what it keeps of this device */
  deletes: boolean
}

export const consentStore = createStore<ConsentState>(() => ({ answer: undefined, deletes: false }))

let following = false

/** Read the answer, and follow changes by other tabs. */
export async function loadConsent(): Promise<void> {
  if (!following) {
    following = true
    onChange(({ store }) => {
      if (store === 'telemetry') void refresh()
    })
  }
  await refresh()
}

async function refresh(): Promise<void> {
  const stored = await readConsent().catch(() => undefined)
  const { answer, deletes } = consentStore.getState()
  const next = { answer: stored?.answer ?? ('none' as const), deletes: stored?.deletes ?? false }
  if (next.answer !== answer || next.deletes !== deletes) consentStore.setState(next)
}

/** Store the answer of the person. */
export async function giveConsent(yes: boolean): Promise<void> {
  await storeAnswer(yes ? 'yes' : 'no')
  await refresh()
}
