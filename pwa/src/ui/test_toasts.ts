/** Records the messages that a test leads to, without a screen. */

import { beforeEach, vi } from 'vitest'
import { type ToastTone, toastManager } from './toasts'

interface RecordedToast {
  text: string
  tone: ToastTone
  /** the accessible name of its button */
  button: string | undefined
  press: () => void
}

/** Record from the beginning of every test of a file; the returned function gives the messages so far, the oldest first. */
export function recordToasts(): () => RecordedToast[] {
  const add = vi.spyOn(toastManager, 'add')
  beforeEach(() => void add.mockClear())
  return () =>
    add.mock.calls.map(([{ title, type, actionProps }]) => ({
      text: String(title),
      tone: type as ToastTone,
      button: actionProps?.['aria-label'],
      press: () => actionProps?.onClick(),
    }))
}
