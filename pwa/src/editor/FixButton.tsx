/** The button that applies the fix of a problem or a hint, where it has one. */

import { fixText } from '../document/messages'
import type { Problem } from '../generated/wire'
import { applyFix } from './actions'

export function FixButton({ problem: { fix } }: { problem: Problem }) {
  if (!fix) return null
  return (
    <button type="button" className="fix" onClick={() => applyFix(fix)}>
      {fixText(fix)}
    </button>
  )
}
