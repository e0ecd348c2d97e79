/** What a run trains and how: its algorithm, and whether the design is still the one it began with. */

import { useEffect } from 'react'
import { useStore } from 'zustand'
import { documentStore } from '../document/store'
import { type CompileState, compileStore, followSource } from '../editor/compile_state'
import { type ValidationState, validationStore } from '../editor/validation'
import type { ModelArchitecture, Run, RunStatus } from '../generated/wire'
import { isActive } from '../runs/selected_run'
import { lowerFirst } from '../ui/words'
import './run-subject.css'
import { learnedBy } from '../runs/labels'

export function RunSubject({ run, status }: { run: Run; status: RunStatus }) {
  useEffect(followSource, [])
  const design = useStore(documentStore, (state) => state.design)
  const validation = useStore(validationStore)
  const compiled = useStore(compileStore)
  const algorithm = learnedBy(run)
  const isOther = design !== null && hasChanged(run, design, validation, compiled)
  return (
    <p className="run-subject">
      {algorithm && `${isActive(status) ? 'Learns' : 'Learned'} ${lowerFirst(algorithm.title)} (${algorithm.term}).`}
      {isOther && <b> The design has changed since this run began.</b>}
    </p>
  )
}

/** Whether the design differs from the one of the run; an invalid design does, because that of the run was valid. */
function hasChanged(
  run: Run,
  design: ModelArchitecture,
  { result, forDesign }: ValidationState,
  compiled: CompileState,
): boolean {
  if (forDesign === design && result && !result.valid) return true
  const { generated, generatedFrom } = compiled
  return generatedFrom === design && generated !== null && generated.design_hash !== run.design_hash
}
