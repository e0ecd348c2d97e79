/** The button that applies the fix of a problem or a hint, where it has one. */

import type { Problem } from '../generated/wire'
import { mend } from './actions'

export function FixButton({ problem: { fix } }: { problem: Problem }) {
  if (!fix) return null
  return (
    <button type="button" className="fix" onClick={() => mend(fix)}>
      {fix.label}
    </button>
  )
}
