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

/** Open the sheet for a new run of the open design. */
export function openTraining(designId: string): void {
  if (isBusy(designId) || !mayBeSent()) return
  openSheet({ name: 'train' })
}

/** Open the sheet to train a run longer; it has its own copy of the design, so the current design may be invalid. */
export function trainLonger(run: Run): void {
  if (!isBusy(run.design_id)) openSheet({ name: 'train', longer: run.id })
}

/** Open the sheet for a new, longer run with the same algorithm. */
export function trainAnew(run: Run): void {
  if (isBusy(run.design_id) || !mayBeSent()) return
  chooseLonger(run)
  openSheet({ name: 'train' })
}

/** Whether the design is in training; if so, show its run and a message. */
function isBusy(designId: string): boolean {
  const state = trainStore.getState()
  if (state.designId !== designId || !isTraining(state)) return false
  goTo({ screen: 'train', id: designId })
  void showRun(null)
  showToast('This design is training already. Stop it first to start again.')
  return true
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
