/** The compile of the open design: requests it, follows its status, and holds the code that the phone generates. */

import { createStore } from 'zustand/vanilla'
import { documentOf, documentStore } from '../document/store'
import type { GeneratedSource, ModelArchitecture } from '../generated/wire'
import { goTo } from '../navigation/router'
import { generate, pythonState } from '../python/client'
import {
  cancelCommand,
  commandState,
  enqueueCommand,
  latestCommand,
  onCommandsChanged,
  type StoredCommand,
} from '../storage/commands'
import { syncSoon } from '../sync/sync'
import { showToast } from '../ui/toasts'
import { validationStore } from './validation'

export { canCancel, type StoredCommand } from '../storage/commands'

export interface CompileState {
  designId: string | null
  /** the newest compile asked for */
  command: StoredCommand | undefined
  /** what the phone generates from the design as it is */
  generated: GeneratedSource | null
  generatedFrom: ModelArchitecture | null
}

export const compileStore = createStore<CompileState>(() => ({
  designId: null,
  command: undefined,
  generated: null,
  generatedFrom: null,
}))

/** Ask the server to compile, now or when it is back, and show the Code screen. */
export async function compileDesign(designId: string): Promise<void> {
  const id = await enqueueCommand('compile', designId)
  const command = await commandState(id)
  syncSoon('compile')
  if (!documentOf(designId)) return
  compileStore.setState({ designId, command })
  goTo({ screen: 'code', id: designId })
}

/** Take back a compile that no call has carried; says so where one has, meanwhile. */
export async function cancelCompile(): Promise<void> {
  const { command } = compileStore.getState()
  if (command && !(await cancelCommand(command.id))) showToast('The server has it already.')
}

/** Follow the newest compile of a design; returns a function that stops this. */
export function followCompile(designId: string): () => void {
  let left = false
  const refresh = async () => {
    const command = await latestCommand('compile', designId)
    if (!left) compileStore.setState({ designId, command })
  }
  if (compileStore.getState().designId !== designId) {
    compileStore.setState({ designId, command: undefined, generated: null, generatedFrom: null })
  }
  void refresh()
  const stop = onCommandsChanged(() => void refresh())
  return () => {
    left = true
    stop()
  }
}

/** Keep the generated text in step with the valid design; returns a function that stops this. */
export function followSource(): () => void {
  const refresh = () => void regenerate()
  const stops = [validationStore.subscribe(refresh), pythonState.subscribe(refresh)]
  refresh()
  return () => {
    for (const stop of stops) stop()
  }
}

async function regenerate(): Promise<void> {
  const { design } = documentStore.getState()
  const { result, forDesign } = validationStore.getState()
  const stale = forDesign !== design || !result?.valid || compileStore.getState().generatedFrom === design
  if (!design || stale || pythonState.getState().status !== 'ready') return
  try {
    const generated = await generate(JSON.stringify(design))
    if (documentStore.getState().design === design) compileStore.setState({ generated, generatedFrom: design })
  } catch (error) {
    if (!(error instanceof DOMException && error.name === 'AbortError')) throw error
  }
}

/** The text to show: the phone's own, or the server's where the phone has none. */
export function sourceOf(
  state: CompileState,
): { source: string; lines: GeneratedSource['lines']; by: 'phone' | 'server' } | null {
  if (state.generated) return { ...state.generated, by: 'phone' }
  const result = state.command?.result
  return result ? { source: result.source, lines: {}, by: 'server' } : null
}
