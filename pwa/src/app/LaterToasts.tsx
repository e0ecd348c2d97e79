/** Messages, whose code is loaded when the first one is shown, a command is to be announced, or the app has come to rest. */

import { useStore } from 'zustand'
import { documentStore } from '../document/store'
import { later } from '../ui/later'
import { toastsWaiting } from '../ui/toasts'

const load = () => import('./Toasts')

/** Without their code messages cannot be shown; the next start has it. */
const Nothing = () => null

export const Toasts = later(load, (parts) => parts.Toasts, Nothing)

export function LaterToasts() {
  const waiting = useStore(toastsWaiting, ({ any }) => any)
  const announces = useStore(documentStore, ({ summary }) => summary !== '')
  return waiting || announces ? <Toasts /> : null
}
