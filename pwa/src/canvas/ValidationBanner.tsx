/** The validation of the open design as a banner: green with the exact size, or red with the first three problems and their fixes. */

import { useStore } from 'zustand'
import { capitalised, problemText } from '../document/messages'
import { nameIn } from '../document/names'
import { showBlock } from '../editor/actions'
import { FixButton } from '../editor/FixButton'
import { openSheet, uiStore } from '../editor/ui_state'
import type { Problem } from '../generated/wire'
import { downloadAgain, offlineState } from '../offline/offline'
import { pythonState } from '../python/client'
import { Icon } from '../ui/Icon'
import { later } from '../ui/later'
import { byteWords, exactly, percent, plural } from '../ui/numbers'
import './validation-banner.css'
import { validationStore } from '../editor/validation'

const SHOWN = 3

const loadMemory = () => import('./MemoryToTrain')
const MemoryToTrain = later(
  loadMemory,
  (parts) => parts.MemoryToTrain,
  () => null,
)

export function ValidationBanner() {
  const result = useStore(validationStore, (state) => state.result)
  const atLeast = result?.valid === false && '≥ '
  const tone = result ? (result.valid ? 'good' : 'bad') : 'none'
  return (
    <div className="validation-banner" data-tone={tone}>
      <div className="validation-status" role="status" aria-label="Validation">
        <Headline />
        {result && !result.valid && <Problems problems={result.problems} />}
        {result && <Hints hints={result.warnings ?? []} />}
      </div>
      {result && (
        <div className="sizes" data-partial={!result.valid || undefined}>
          <div className="size">
            <output aria-label="Parameters">
              <button type="button" aria-describedby="params" onClick={() => openSheet({ name: 'parameters' })}>
                {atLeast}
                {exactly(result.parameters)}
              </button>
            </output>
            <small id="params">params</small>
          </div>
          <div className="size">
            <output aria-label="Memory">
              <button type="button" onClick={() => openSheet({ name: 'memory' })}>
                {atLeast}
                <MemoryToTrain />
              </button>
            </output>
          </div>
        </div>
      )}
    </div>
  )
}

function Headline() {
  const { result, trouble, by } = useStore(validationStore)
  if (trouble) return <Trouble text={trouble} />
  if (!result) return <Waiting />
  return (
    <p className="headline">
      <span>{result.valid ? 'Valid' : plural(result.problems.length, 'problem')}</span>
      {by === 'server' && <small> checked by the server</small>}
      <HintCount count={result.warnings?.length ?? 0} />
    </p>
  )
}

function Trouble({ text }: { text: string }) {
  const interrupted = useStore(pythonState, (state) => state.status === 'failed' && state.interrupted)
  return (
    <p className="headline">
      <span>{text}</span>
      {interrupted && (
        <button type="button" className="button" onClick={downloadAgain}>
          Try again
        </button>
      )}
    </p>
  )
}

/** How many hints there are; a tap unfolds them. */
function HintCount({ count }: { count: number }) {
  const open = useStore(uiStore, (state) => state.hints)
  if (count === 0) return null
  return (
    <button
      type="button"
      className="hint-count"
      aria-expanded={open}
      onClick={() => uiStore.setState({ hints: !open, ...(open ? {} : { sheet: null }) })}
    >
      {plural(count, 'hint')}
      <Icon name={open ? 'fold' : 'unfold'} />
    </button>
  )
}

/** What could be better in a design that is right. */
function Hints({ hints }: { hints: Problem[] }) {
  const open = useStore(uiStore, (state) => state.hints && state.sheet === null)
  if (!open || hints.length === 0) return null
  return (
    <ul className="problems hints">
      {hints.map((hint) => (
        <li key={`${hint.code} ${hint.component_id} ${hint.field} ${hint.message}`}>
          <button
            type="button"
            className="problem"
            onClick={() => hint.component_id && showBlock(hint.component_id)}
            disabled={!hint.component_id}
          >
            <ProblemText problem={hint} />
          </button>
          <FixButton problem={hint} />
        </li>
      ))}
    </ul>
  )
}

/** What is missing before anything can be checked, honestly. */
function Waiting() {
  const { status, progress: loading } = useStore(pythonState)
  const { pack, progress } = useStore(offlineState)
  if (status === 'ready') return <p className="headline">Checking…</p>
  if (status === 'failed') return <p className="headline">Asking the server to check…</p>
  if (loading)
    return (
      <div className="loading-python">
        <p>
          Loading Python
          <span aria-hidden="true">
            {' '}
            · {byteWords(loading.done)} of {byteWords(loading.total)}
          </span>
        </p>
        <p>Draw, move and save already; checks follow.</p>
        <progress aria-label="Python" value={loading.done} max={loading.total} />
      </div>
    )
  const share = pack === 'filling' ? ` · ${percent(progress)}` : ''
  return <p className="headline">Checking starts when Python is ready{share}</p>
}

function Problems({ problems }: { problems: Problem[] }) {
  const folded = useStore(uiStore, (state) => state.folded)
  const crowded = useStore(uiStore, (state) => state.sheet !== null)
  const shown = problems.slice(0, folded ? 1 : SHOWN)
  const more = problems.length > 1
  if (crowded) return <p className="problem-line">{problems[0] && <ProblemText problem={problems[0]} />}</p>
  return (
    <ul className="problems">
      {shown.map((problem, index) => (
        <li key={`${problem.code} ${problem.component_id} ${problem.field} ${problem.message}`}>
          <button
            type="button"
            className="problem"
            onClick={() => problem.component_id && showBlock(problem.component_id)}
            disabled={!problem.component_id}
          >
            <ProblemText problem={problem} />
          </button>
          <FixButton problem={problem} />
          {index === 0 && more && <Fold folded={folded} />}
        </li>
      ))}
    </ul>
  )
}

/** A problem as a sentence about its block, called what it is called everywhere. */
function ProblemText({ problem }: { problem: Problem }) {
  const { component_id: id } = problem
  const text = problemText(problem)
  const name = useStore(validationStore, ({ forDesign }) => (id && forDesign ? nameIn(forDesign, id) : id))
  return name ? (
    <>
      <b>{name}</b> {text}
    </>
  ) : (
    capitalised(text)
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
