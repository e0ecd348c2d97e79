/** The newest compile: waiting, running, refused, or the checks it passed. */

import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import { problemText } from '../document/messages'
import { canCancel, cancelCompile, compileStore, type StoredCommand } from '../editor/compile_state'
import { validationStore } from '../editor/validation'
import type { Check, CompileResult, ProblemDetails } from '../generated/wire'
import { useServerReachable } from '../platform/useServerReachable'
import { Icon } from '../ui/Icon'
import { exactly } from '../ui/numbers'

export function CompileCard() {
  const { command } = useStore(compileStore)
  if (!command)
    return (
      <p className="compile-card quiet">
        No compile yet. The server writes this text, builds it and checks it; training needs no compile.
      </p>
    )
  switch (command.status) {
    case 'waiting':
      return <Waiting command={command} />
    case 'running':
      return <Progress text="The server is compiling and proving…" />
    case 'failed':
      return <Failure problem={command.problem} />
    case 'done':
      return command.result ? <Result result={command.result} /> : null
  }
}

function Waiting({ command }: { command: StoredCommand }) {
  const inReach = useServerReachable()
  if (inReach) return <Progress text="Sending it to the server…" />
  // once a call has carried it the server may have it, whatever became of the answer
  if (!canCancel(command)) return <Progress text="Sent, but no answer has come yet. It compiles once the server has it." />
  return (
    <Progress text="Will compile when the server is back.">
      <button type="button" className="button" onClick={() => void cancelCompile()}>
        Cancel
      </button>
    </Progress>
  )
}

function Progress({ text, children }: { text: string; children?: ReactNode }) {
  return (
    <p className="compile-card" role="status" aria-label="Compiling">
      <span className="spinner" aria-hidden="true" /> {text}
      {children}
    </p>
  )
}

function Failure({ problem }: { problem: ProblemDetails | undefined }) {
  return (
    <div className="compile-card" data-tone="bad" role="status" aria-label="Compiling">
      <h2>Did not compile</h2>
      <p>{problem?.detail || 'The server gave no reason. Try again.'}</p>
      {problem?.problems && problem.problems.length > 0 && (
        <ul>
          {problem.problems.map((found) => (
            <li key={`${found.code} ${found.component_id} ${found.message}`}>
              {found.component_id && <b className="mono">{found.component_id}</b>} {problemText(found)}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

function Result({ result }: { result: CompileResult }) {
  const stale = useStore(compileStore, ({ generated }) => generated !== null && generated.design_hash !== result.design_hash)
  const invalid = useStore(validationStore, ({ result }) => result?.valid === false)
  const held = result.checks.filter((check) => check.passed).length
  return (
    <section className="compile-card" aria-label="Compiled">
      <header>
        <h2>
          {held} of {result.checks.length} checks passed
        </h2>
        <span>{exactly(result.parameters)} parameters</span>
      </header>
      {(stale || invalid) && <p className="stale">The design has changed since. Compile again to check it.</p>}
      <ul className="ticks">
        {result.checks.map((check) => (
          <Tick key={check.name} check={check} />
        ))}
      </ul>
    </section>
  )
}

function Tick({ check: { name, passed, detail } }: { check: Check }) {
  return (
    <li data-passed={passed}>
      <span className="tick" aria-hidden="true">
        <Icon name={passed ? 'compile' : 'close'} />
      </span>
      <span>
        <span className="sr-only">{passed ? 'Holds: ' : 'Does not hold: '}</span>
        {name.replaceAll('_', ' ')}
        {detail && <small>{detail}</small>}
      </span>
    </li>
  )
}
