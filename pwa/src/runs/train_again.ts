/** Opens the Train sheet, with what a person chose for the design, or prepared for a run like another one. */

import { mayBeSent } from '../editor/may_be_sent'
import { openSheet } from '../editor/ui_state'
import type { Run, TrainConfig } from '../generated/wire'
import { goTo } from '../navigation/router'
import { showToast } from '../ui/toasts'
import { forecastStore } from './forecast'
import { algorithmOf } from './labels'
import { changeSetting, chooseAlgorithm, chooseRecipe, formsFor, longerRecipe } from './run_config'
import { isTraining, showRun, trainStore } from './runs'

/** Open the sheet for the open design; after a run that finished it offers the next longer one. */
export function openTraining(designId: string, after?: Run): void {
  const state = trainStore.getState()
  if (state.designId === designId && isTraining(state)) {
    goTo({ screen: 'train', id: designId })
    void showRun(null)
    showToast('This design is training already. Stop it first to start again.')
    return
  }
  if (!mayBeSent()) return
  if (after) chooseLonger(after)
  openSheet({ name: 'train' })
}

/** Open the sheet for another run by the same algorithm with these settings changed. */
export function trainAgain(run: Run, changes: TrainConfig): void {
  const algorithm = algorithmOf(run)
  chooseAlgorithm(algorithm)
  for (const form of formsFor(algorithm)) {
    const value = changes[form.name as keyof TrainConfig]
    if (value !== undefined) changeSetting(form, value)
  }
  openTraining(run.design_id)
}

/** The algorithm of the run and the next longer recipe. */
function chooseLonger(run: Run): void {
  const algorithm = algorithmOf(run)
  chooseAlgorithm(algorithm)
  const { offers, algorithm: ofOffers } = forecastStore.getState()
  chooseRecipe(longerRecipe(run, algorithm, ofOffers === algorithm ? offers : []))
}
