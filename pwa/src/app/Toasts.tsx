/** The messages of `ui/toasts`, and the live region that announces every command on the open design. */

import { Toast } from '@base-ui/react/toast'
import { useEffect, useRef } from 'react'
import { useStore } from 'zustand'
import { documentStore } from '../document/store'
import { connectToasts, MAX_TOASTS } from '../ui/toasts'
import './toasts.css'

const manager = Toast.createToastManager()

export function Toasts() {
  // runs after the effect of the provider, which subscribes to the manager
  useEffect(() => connectToasts(manager), [])
  return (
    <Toast.Provider toastManager={manager} limit={MAX_TOASTS}>
      <Toast.Portal>
        <Toast.Viewport className="toasts" role="status">
          <ToastList />
        </Toast.Viewport>
      </Toast.Portal>
      <LastCommand />
    </Toast.Provider>
  )
}

/** Base UI gives each message the role of a dialog. It is none that is open over the screen, and the viewport announces it. */
const NO_DIALOG = { role: undefined, 'aria-modal': undefined, 'aria-labelledby': undefined, tabIndex: -1 }

function ToastList() {
  const { toasts } = Toast.useToastManager()
  return toasts.map((toast) => (
    <Toast.Root key={toast.id} toast={toast} className="toast" {...NO_DIALOG} swipeDirection={['down', 'left', 'right']}>
      <Toast.Content className="toast-content">
        <Toast.Title className="toast-text" render={<p />} />
        <Toast.Action className="toast-action" />
      </Toast.Content>
    </Toast.Root>
  ))
}

/** Announces the last command, such as an undo, which shows no message; one that a message announces is not repeated. */
function LastCommand() {
  const { toasts } = Toast.useToastManager()
  const command = useStore(documentStore, (state) => state.summary)
  const announced = useRef(command)
  if (toasts.some(({ title }) => typeof title === 'string' && title.startsWith(command))) announced.current = command
  return (
    <p className="sr-only" aria-live="polite">
      {command !== announced.current && command}
    </p>
  )
}
