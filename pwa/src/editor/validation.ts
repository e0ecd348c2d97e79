/** The verdict on the open design: asks Python after every change, the server where Python cannot run; it holds no rule. */

import { createStore } from 'zustand/vanilla'
import { validateOnServer } from '../api/api'
import type { Change } from '../document/commands'
import { insertLikely, insertPlaced, type NewBlock, unwired, type Wish } from '../document/insert'
import { documentStore } from '../document/store'
import type { ModelArchitecture, ValidationResult } from '../generated/wire'
import { findPlace, pythonState, validate } from '../python/client'

export interface ValidationState {
  /** the newest verdict; kept while the next one is worked out */
  verdict: ValidationResult | null
  /** the design it was given for */
  of: ModelArchitecture | null
  /** why there is none, when nobody could check */
  trouble: string | undefined
  by: 'phone' | 'server'
}

const none: ValidationState = { verdict: null, of: null, trouble: undefined, by: 'phone' }

export const validationStore = createStore<ValidationState>(() => none)

let scheduled = 0
let asking: AbortController | undefined

/** Check the open design now and after every change; returns how to stop. */
export function startChecking(): () => void {
  const stops = [
    documentStore.subscribe((state, before) => {
      if (state.design?.id !== before.design?.id) forget()
      if (state.design !== before.design) schedule()
    }),
    pythonState.subscribe(schedule),
  ]
  schedule()
  return () => {
    for (const stop of stops) stop()
  }
}

function forget(): void {
  asking?.abort()
  asking = undefined
  validationStore.setState(none, true)
}

/** Many changes in one frame are checked once. */
function schedule(): void {
  cancelAnimationFrame(scheduled)
  scheduled = requestAnimationFrame(() => void check())
}

/**
 * One question at a time, the newest design next: while a value is dragged the verdict follows as fast as Python answers,
 * and no answer is thrown away for a newer question.
 */
async function check(): Promise<void> {
  const { design } = documentStore.getState()
  const { status } = pythonState.getState()
  if (!design || status === 'loading' || validationStore.getState().of === design) return
  if (asking && !asking.signal.aborted) return
  const mine = new AbortController()
  asking = mine
  let interrupted = false
  try {
    const verdict = await ask(design, status, mine.signal)
    if (mine.signal.aborted) return
    validationStore.setState({ verdict, of: design, trouble: undefined, by: status === 'ready' ? 'phone' : 'server' })
  } catch (error) {
    if (mine.signal.aborted) return
    interrupted = error instanceof DOMException && error.name === 'AbortError'
    if (!interrupted && documentStore.getState().design === design) validationStore.setState({ trouble: NOT_CHECKED[status] })
  } finally {
    if (asking === mine) asking = undefined
  }
  if (asking === undefined && (interrupted || isBehind(design, status))) schedule()
}

/** Whether something changed since this design was asked about: another edit, or Python came or went. */
function isBehind(asked: ModelArchitecture, status: string): boolean {
  const { design } = documentStore.getState()
  return design !== asked || (pythonState.getState().status !== status && validationStore.getState().of !== asked)
}

function ask(design: ModelArchitecture, status: 'ready' | 'failed', signal: AbortSignal): Promise<ValidationResult> {
  return status === 'ready' ? validate(JSON.stringify(design), signal) : validateOnServer(design, signal)
}

/** Why nobody could check, by the state of Python. */
const NOT_CHECKED = {
  ready: 'Not checked: Python did not answer. Change something to try again.',
  failed: 'Not checked: Python cannot run on this phone and the server cannot be reached.',
}

const PATIENCE_MS = 1500

/** The verdict on the design as it stands, where there is one already. */
export function verdictNow(): ValidationResult | undefined {
  const { verdict, of } = validationStore.getState()
  return (of === documentStore.getState().design && verdict) || undefined
}

/** The verdict on the design as it stands; undefined where the design changes first or nobody can say in time. */
export function verdictSoon(): Promise<ValidationResult | undefined> {
  const { design } = documentStore.getState()
  if (verdictNow() || pythonState.getState().status !== 'ready') return Promise.resolve(verdictNow())
  return new Promise((resolve) => {
    const end = (verdict: ValidationResult | undefined) => {
      clearTimeout(timer)
      for (const stop of stops) stop()
      resolve(verdict)
    }
    const timer = setTimeout(end, PATIENCE_MS, undefined)
    const look = () => {
      if (documentStore.getState().design !== design) end(undefined)
      else if (verdictNow()) end(verdictNow())
    }
    const stops = [documentStore.subscribe(look), validationStore.subscribe(look)]
  })
}

/** Add a block where the whole drawing has the fewest problems, or where it most likely belongs if nobody can say in time. */
export async function insertBest(design: ModelArchitecture, block: NewBlock, wish: Wish): Promise<Change> {
  if (pythonState.getState().status !== 'ready') return insertLikely(design, block, wish)
  const deadline = new Promise<undefined>((resolve) => setTimeout(resolve, PATIENCE_MS, undefined))
  const asked = findPlace(JSON.stringify(unwired(design, block).design), block.id, wish.near, wish.target).catch(() => undefined)
  const placement = await Promise.race([asked, deadline])
  return placement ? insertPlaced(design, block, placement) : insertLikely(design, block, wish)
}
