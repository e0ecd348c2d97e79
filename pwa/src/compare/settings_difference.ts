/** The settings in which runs differ. */

import type { Property, Run } from '../generated/wire'
import { algorithmOf, termOf } from '../runs/labels'
import { formsFor } from '../runs/run_config'
import { wordsOf } from '../runs/setting_words'

export interface SettingRow {
  name: string
  title: string
  /** one for each run; null where its algorithm does not read the setting */
  values: (string | null)[]
}

/** A row for each setting that does not have one value for all runs, the algorithm first. */
export function settingRows(runs: readonly Run[]): SettingRow[] {
  const forms = new Map<string, Property>()
  for (const run of runs) for (const form of formsFor(algorithmOf(run))) forms.set(form.name, form)
  const algorithms = runs.map((run) => termOf(algorithmOf(run)))
  const rows = [...forms.values()]
    .filter(({ name }) => name !== 'algorithm')
    .map(({ name, title }) => ({ name, title, values: runs.map((run) => settingOf(run, name)) }))
  return [{ name: 'algorithm', title: 'Algorithm', values: algorithms }, ...rows].filter(({ values }) => new Set(values).size > 1)
}

/** A setting that an older run does not have is left out like one that its algorithm does not read. */
function settingOf(run: Run, name: string): string | null {
  const isRead = formsFor(algorithmOf(run)).some((form) => form.name === name)
  const value = name === 'total_steps' ? run.total_steps : run.config[name]
  return isRead && value !== undefined ? wordsOf(value) : null
}
