/** Messages; their code is loaded with the first message or announcement, or when the app is idle. */

import { useStore } from 'zustand'
import { documentStore } from '../document/store'
import { later } from '../ui/later'
import { toastsWaiting } from '../ui/toasts'

const load = () => import('./Toasts')

/** If the code cannot be loaded, messages are not shown until the next start. */
const Nothing = () => null

export const Toasts = later(load, (parts) => parts.Toasts, Nothing)

export function LaterToasts() {
  const waiting = useStore(toastsWaiting, ({ any }) => any)
  const announces = useStore(documentStore, ({ summary }) => summary !== '')
  return waiting || announces ? <Toasts /> : null
}
