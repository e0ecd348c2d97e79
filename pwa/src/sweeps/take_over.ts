/** "Make this my design": the version of a trial becomes the open design, and its settings those of the next run. */

import { commitVersion, documentStore } from '../document/store'
import type { Sweep, SweepTrial, TrainConfig } from '../generated/wire'
import { goTo } from '../navigation/router'
import { algorithmOf } from '../runs/labels'
import { changeSetting, chooseAlgorithm, formsFor } from '../runs/run_config'
import { showToast } from '../ui/toasts'
import { settingsOf } from './results'
import { designOfRun, readRun } from './sweeps_api'

/** Take over design and settings of a trial, as one edit that can be undone; throws `ApiProblem` where the server has no answer. */
export async function takeOver(sweep: Sweep, trial: SweepTrial): Promise<void> {
  const [design, run] = await Promise.all([designOfRun(trial.run_id), readRun(trial.run_id)])
  const { design: open } = documentStore.getState()
  if (open?.id !== sweep.design_id) return
  commitVersion({ ...design, id: open.id, name: open.name }, 'Took over a variant')
  const algorithm = algorithmOf(run)
  chooseAlgorithm(algorithm)
  const settings = settingsOf(sweep, trial)
  for (const form of formsFor(algorithm)) {
    const value = settings[form.name as keyof TrainConfig]
    if (value !== undefined && form.name !== 'algorithm') changeSetting(form, value)
  }
  goTo({ screen: 'design', id: open.id })
  showToast('This is your design now, and its settings are chosen for the next run. Undo restores the drawing.')
}
