/** Whether a command on the open design may be sent: the server refuses a design with problems, which is shown at once instead. */

import { documentStore } from '../document/store'
import { showToast } from '../ui/toasts'
import { validationStore } from './validation'

export function mayBeSent(): boolean {
  const { design } = documentStore.getState()
  const { result, forDesign } = validationStore.getState()
  if (forDesign !== design || !result || result.valid) return true
  showToast(`Fix ${result.problems.length === 1 ? 'the problem' : 'the problems'} first`, { tone: 'bad' })
  return false
}
