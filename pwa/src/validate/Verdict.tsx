/** The banner of the verdict: green with the exact size, or red with the first three problems and their fixes. */

import { useStore } from 'zustand'
import { mend } from '../app/actions'
import { uiStore } from '../app/ui'
import { select } from '../document/store'
import type { Problem } from '../generated/wire'
import { offlineState } from '../offline/offline'
import { pythonState } from '../python/client'
import { Icon } from '../theme/Icon'
import { exactly, percent, plural } from '../theme/numbers'
import './verdict.css'
import { verdictStore } from './verdict'

const SHOWN = 3

export function Verdict() {
  const verdict = useStore(verdictStore, (state) => state.verdict)
  const tone = verdict ? (verdict.valid ? 'good' : 'bad') : 'none'
  return (
    <div className="verdict" data-tone={tone}>
      <div className="verdict-status" role="status" aria-label="Validation">
        <Headline />
        {verdict && !verdict.valid && <Problems problems={verdict.problems} />}
      </div>
      <dl className="sizes">
        <div>
          <dd>
            <output aria-label="Parameters">{verdict ? exactly(verdict.parameters) : '–'}</output>
          </dd>
          <dt aria-hidden="true">params</dt>
        </div>
        <div>
          <dd>
            <output aria-label="Memory">{verdict ? `${exactly(verdict.estimatedMemory)} MB` : '–'}</output>
          </dd>
        </div>
      </dl>
    </div>
  )
}

function Headline() {
  const { verdict, trouble, by } = useStore(verdictStore)
  if (trouble) return <p className="headline">{trouble}</p>
  if (!verdict) return <Waiting />
  return (
    <p className="headline">
      <span>{verdict.valid ? 'Valid' : plural(verdict.problems.length, 'problem')}</span>
      {by === 'server' && <small> checked by the server</small>}
    </p>
  )
}

/** What is missing before anything can be checked, honestly. */
function Waiting() {
  const { status } = useStore(pythonState)
  const { pack, progress } = useStore(offlineState)
  if (status === 'ready') return <p className="headline">Checking…</p>
  if (status === 'failed') return <p className="headline">Asking the server to check…</p>
  const share = pack === 'filling' ? ` · ${percent(progress)}` : ''
  return <p className="headline">Checking starts when Python is ready{share}</p>
}

function Problems({ problems }: { problems: Problem[] }) {
  const folded = useStore(uiStore, (state) => state.folded)
  const crowded = useStore(uiStore, (state) => state.sheet !== null)
  const shown = problems.slice(0, folded || crowded ? 1 : SHOWN)
  const more = problems.length > 1
  return (
    <ul className="problems" data-folded={folded || crowded || undefined}>
      {shown.map((problem, index) => (
        <li key={`${problem.code} ${problem.component_id} ${problem.field} ${problem.message}`}>
          <button
            type="button"
            className="problem"
            onClick={() => problem.component_id && select([problem.component_id])}
            disabled={!problem.component_id}
          >
            {problem.component_id && <b className="mono">{problem.component_id}</b>} {problem.message}
          </button>
          <FixButton problem={problem} />
          {index === 0 && more && !crowded && <Fold folded={folded} />}
        </li>
      ))}
    </ul>
  )
}

function FixButton({ problem: { fix } }: { problem: Problem }) {
  if (!fix) return null
  return (
    <button type="button" className="fix" onClick={() => mend(fix)}>
      {fix.label}
    </button>
  )
}

function Fold({ folded }: { folded: boolean }) {
  return (
    <button
      type="button"
      className="fold"
      aria-expanded={!folded}
      aria-label={folded ? 'More problems' : 'Fewer problems'}
      onClick={() => uiStore.setState({ folded: !folded })}
    >
      <Icon name={folded ? 'down' : 'up'} />
    </button>
  )
}
