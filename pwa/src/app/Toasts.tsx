/** What is said in passing, and the polite live region that reads out every command. */

import { useStore } from 'zustand'
import { documentStore } from '../document/store'
import { uiStore } from '../editor/ui_state'

export function Toasts() {
  const toasts = useStore(uiStore, (state) => state.toasts)
  const summary = useStore(documentStore, (state) => state.summary)
  return (
    <>
      <div className="toasts" aria-hidden="true">
        {toasts.map(({ id, text, tone }) => (
          <p key={id} className="toast" data-tone={tone}>
            {text}
          </p>
        ))}
      </div>
      <p className="sr-only" aria-live="polite">
        {toasts.at(-1)?.text ?? summary}
      </p>
    </>
  )
}
