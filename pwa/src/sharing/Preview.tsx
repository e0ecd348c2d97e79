/** A design before it is kept: its drawing, its size, its problems, and what keeping it does. */

import { useState } from 'react'
import { storeDesign } from '../designs/checked_design'
import { Thumbnail } from '../designs/Thumbnail'
import { problemSentence } from '../document/messages'
import { closeSheet } from '../editor/ui_state'
import { Drawing } from '../history/Drawing'
import { sentenceFor } from '../lib/error_sentence'
import { goTo } from '../navigation/router'
import { syncSoon } from '../sync/sync'
import { BottomSheet } from '../ui/BottomSheet'
import { Icon } from '../ui/Icon'
import { exactly, plural } from '../ui/numbers'
import { showToast } from '../ui/toasts'
import type { One } from './received'
import '../history/history.css'

/** a drawing with names takes some milliseconds for each block */
const MAX_NAMED_BLOCKS = 60
const SHOWN_PROBLEMS = 4

export function Preview({ found, onOther }: { found: One; onOther: () => void }) {
  const { design, validation, place } = found
  const [busy, setBusy] = useState(false)
  const keep = async () => {
    setBusy(true)
    try {
      const kept = await storeDesign(design)
      if (kept.outcome !== 'same') syncSoon('edit')
      closeSheet()
      goTo({ screen: 'design', id: kept.id })
      if (kept.outcome !== 'same') showToast(`Imported ${design.name}${kept.outcome === 'copy' ? ' as a copy' : ''}`)
    } catch (error) {
      setBusy(false)
      showToast(sentenceFor(error, { unforeseen: 'The design could not be stored on this phone.' }), { tone: 'bad' })
    }
  }
  const foot = (
    <div className="share-buttons">
      <button type="button" className="button" data-look="primary" disabled={busy} onClick={() => void keep()}>
        {place.outcome === 'same' ? 'Open it' : 'Keep this design'}
      </button>
      <button type="button" className="button" onClick={onOther}>
        Choose another
      </button>
    </div>
  )
  return (
    <BottomSheet title={design.name} note={HERE[place.outcome]} foot={foot} onClose={closeSheet}>
      <div className="import-drawing">
        {design.components.length <= MAX_NAMED_BLOCKS ? (
          <Drawing version={design} compared={undefined} label={`Drawing of ${design.name}`} />
        ) : (
          <Thumbnail design={design} />
        )}
      </div>
      <dl className="import-facts">
        <div>
          <dt>Blocks</dt>
          <dd>{exactly(design.components.length)}</dd>
        </div>
        {validation?.valid && (
          <div>
            <dt>Parameters</dt>
            <dd>{exactly(validation.parameters)}</dd>
          </div>
        )}
        {validation && (
          <div>
            <dt>Check</dt>
            <dd data-bad={!validation.valid || undefined}>
              {validation.valid ? 'Valid' : plural(validation.problems.length, 'problem')}
            </dd>
          </div>
        )}
      </dl>
      {validation && validation.problems.length > 0 && <Problems found={found} />}
    </BottomSheet>
  )
}

const HERE = {
  new: 'Nothing is stored until you keep it.',
  copy: 'Another version of this design is on this phone: this one is kept as a copy.',
  same: 'This design is on this phone already.',
}

function Problems({ found: { design, validation } }: { found: One }) {
  const problems = validation?.problems ?? []
  const more = problems.length - SHOWN_PROBLEMS
  return (
    <ul className="import-problems" aria-label="Problems">
      {problems.slice(0, SHOWN_PROBLEMS).map((problem) => (
        <li key={`${problem.component_id} ${problem.code} ${problem.field}`}>
          <Icon name="alert" /> <span>{problemSentence(problem, design)}</span>
        </li>
      ))}
      {more > 0 && <li>and {more} more; you can fix them once it is kept.</li>}
    </ul>
  )
}
