/** The validation of the open design, by Python after every change, or by the server where Python cannot run. */

import { createStore } from 'zustand/vanilla'
import { validateOnServer } from '../api/api'
import type { Change } from '../document/commands'
import { type InsertAt, insertLikely, insertPlaced, type NewBlock, unwired } from '../document/insert'
import { commit, documentStore } from '../document/store'
import type { ModelArchitecture, ValidationResult } from '../generated/wire'
import { findPlace, pythonState, validate } from '../python/client'

export interface ValidationState {
  /** the newest result, kept until the next one is there */
  result: ValidationResult | null
  /** the design it was computed for */
  forDesign: ModelArchitecture | null
  /** why the newest design could not be validated */
  trouble: string | undefined
  by: 'phone' | 'server'
}

const none: ValidationState = { result: null, forDesign: null, trouble: undefined, by: 'phone' }

export const validationStore = createStore<ValidationState>(() => none)

let scheduled = 0
let running: AbortController | undefined

/** Check the open design now and after every change; returns a function that stops this. */
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
  running?.abort()
  running = undefined
  validationStore.setState(none, true)
}

/** Many changes in one frame are checked once. */
function schedule(): void {
  cancelAnimationFrame(scheduled)
  scheduled = requestAnimationFrame(() => void check())
}

/**
 * One call at a time; the next one takes the newest design. While a value is dragged, results are shown as fast as Python
 * computes them, and no call is cancelled for a newer one.
 */
async function check(): Promise<void> {
  const { design } = documentStore.getState()
  const { status } = pythonState.getState()
  if (!design || status === 'loading' || validationStore.getState().forDesign === design) return
  if (running && !running.signal.aborted) return
  const controller = new AbortController()
  running = controller
  let interrupted = false
  try {
    const result = await request(design, status, controller.signal)
    if (controller.signal.aborted) return
    validationStore.setState({ result, forDesign: design, trouble: undefined, by: status === 'ready' ? 'phone' : 'server' })
  } catch (error) {
    if (controller.signal.aborted) return
    interrupted = error instanceof DOMException && error.name === 'AbortError'
    if (!interrupted && documentStore.getState().design === design) validationStore.setState({ trouble: notChecked(status) })
  } finally {
    if (running === controller) running = undefined
  }
  if (running === undefined && (interrupted || isBehind(design, status))) schedule()
}

/** Whether something changed since the call for this design: another edit, or whether Python runs. */
function isBehind(validated: ModelArchitecture, status: string): boolean {
  const { design } = documentStore.getState()
  return design !== validated || (pythonState.getState().status !== status && validationStore.getState().forDesign !== validated)
}

function request(design: ModelArchitecture, status: 'ready' | 'failed', signal: AbortSignal): Promise<ValidationResult> {
  return status === 'ready' ? validate(JSON.stringify(design), signal) : validateOnServer(design, signal)
}

/** Why nobody could check, by the state of Python when it was tried. */
function notChecked(status: 'ready' | 'failed'): string {
  if (status === 'ready') return 'Not checked: Python did not answer. Change something to try again.'
  const python = pythonState.getState().interrupted ? 'the download of Python was interrupted' : 'Python cannot run on this phone'
  return `Not checked: ${python} and the server cannot be reached.`
}

const PATIENCE_MS = 1500

/** The validation of the design as it stands, where there is one already. */
export function resultNow(): ValidationResult | undefined {
  const { result, forDesign } = validationStore.getState()
  return (forDesign === documentStore.getState().design && result) || undefined
}

/** The validation of the design as it stands; undefined where the design changes first or Python takes too long. */
export function resultSoon(): Promise<ValidationResult | undefined> {
  const { design } = documentStore.getState()
  if (resultNow() || pythonState.getState().status !== 'ready') return Promise.resolve(resultNow())
  return new Promise((resolve) => {
    const end = (result: ValidationResult | undefined) => {
      clearTimeout(timer)
      for (const stop of stops) stop()
      resolve(result)
    }
    const timer = setTimeout(end, PATIENCE_MS, undefined)
    const update = () => {
      if (documentStore.getState().design !== design) end(undefined)
      else if (resultNow()) end(resultNow())
    }
    const stops = [documentStore.subscribe(update), validationStore.subscribe(update)]
  })
}

/** A change of the design, with its validation where that is known already. */
export interface Insertion {
  change: Change
  validation?: ValidationResult
}

/**
 * Add a block where the whole design has the fewest problems, or where it most likely belongs if Python does not answer in time.
 * One call of the worker finds the place and validates the result.
 */
export async function insertBest(design: ModelArchitecture, block: NewBlock, where: InsertAt): Promise<Insertion> {
  if (pythonState.getState().status !== 'ready') return { change: insertLikely(design, block, where) }
  const deadline = new Promise<undefined>((resolve) => setTimeout(resolve, PATIENCE_MS, undefined))
  const call = findPlace(JSON.stringify(unwired(design, block).design), block.id, where.near, where.target)
  const placement = await Promise.race([call.catch(() => undefined), deadline])
  if (!placement) return { change: insertLikely(design, block, where) }
  const change = insertPlaced(design, block, placement)
  return placement.validation ? { change, validation: placement.validation } : { change }
}

/** Commit an insertion; its validation need not be computed again. */
export function commitInsertion({ change, validation }: Insertion): void {
  commit(change)
  if (validation) validationStore.setState({ result: validation, forDesign: change.design, trouble: undefined, by: 'phone' })
}
