/** Whether the open design still is the one with a certain design hash. */

import { useEffect } from 'react'
import { useStore } from 'zustand'
import { documentStore } from '../document/store'
import type { ModelArchitecture } from '../generated/wire'
import { type CompileState, compileStore, followSource } from './compile_state'
import { type ValidationState, validationStore } from './validation'

/** The hash of the open design as it is; `invalid` where it has problems, undefined while Python has not answered. */
export type DrawnHash = string | 'invalid' | undefined

/** The design hash of the drawing, kept up to date while the component is mounted. */
export function useDrawnHash(): DrawnHash {
  useEffect(followSource, [])
  const design = useStore(documentStore, (state) => state.design)
  const validation = useStore(validationStore)
  const compiled = useStore(compileStore)
  return design ? drawnHash(design, validation, compiled) : undefined
}

/** Whether the drawing differs from the design of a run; an invalid drawing does, because that of the run was valid. */
export const hasChangedSince = (hash: string, drawn: DrawnHash): boolean | undefined =>
  drawn === undefined ? undefined : drawn !== hash

function drawnHash(design: ModelArchitecture, { result, forDesign }: ValidationState, compiled: CompileState): DrawnHash {
  if (forDesign === design && result && !result.valid) return 'invalid'
  const { generated, generatedFrom } = compiled
  return generatedFrom === design ? generated?.design_hash : undefined
}
