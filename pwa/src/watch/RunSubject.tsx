/** What a run trains and how: its algorithm, and whether the drawing is still the one it began with. */

import { useEffect } from 'react'
import { useStore } from 'zustand'
import { type CompileState, compileStore, followSource } from '../compile/compile'
import { documentStore } from '../document/store'
import type { ModelArchitecture, Run, RunStatus } from '../generated/wire'
import { lowerFirst } from '../theme/words'
import { isActive } from '../train/followed'
import { type VerdictState, verdictStore } from '../validate/verdict'
import './run-subject.css'
import { learnedBy } from '../train/words'

export function RunSubject({ run, status }: { run: Run; status: RunStatus }) {
  useEffect(followSource, [])
  const design = useStore(documentStore, (state) => state.design)
  const verdict = useStore(verdictStore)
  const compiled = useStore(compileStore)
  const algorithm = learnedBy(run)
  const isOther = design !== null && hasChanged(run, design, verdict, compiled)
  return (
    <p className="run-subject">
      {algorithm && `${isActive(status) ? 'Learns' : 'Learned'} ${lowerFirst(algorithm.title)} (${algorithm.term}).`}
      {isOther && <b> The drawing has changed since this run began.</b>}
    </p>
  )
}

/** Whether the drawing differs from the one of the run; a drawing that is not valid does, for that was. */
function hasChanged(run: Run, design: ModelArchitecture, { verdict, of }: VerdictState, compiled: CompileState): boolean {
  if (of === design && verdict && !verdict.valid) return true
  const { generated, generatedFrom } = compiled
  return generatedFrom === design && generated !== null && generated.design_hash !== run.design_hash
}
