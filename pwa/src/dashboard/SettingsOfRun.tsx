/** The settings of a run: all that its algorithm reads. */

import { useStore } from 'zustand'
import { algorithmOf } from '../runs/labels'
import { formsFor, labelOfSetting } from '../runs/run_config'
import { trainStore } from '../runs/runs'
import { wordsOf } from '../runs/setting_words'

export function SettingsOfRun() {
  const run = useStore(trainStore, (state) => state.run)
  if (!run) return null
  return (
    <details className="panel figures">
      <summary>Settings of this run</summary>
      <dl>
        {formsFor(algorithmOf(run)).map((form) => (
          <div key={form.name}>
            <dt>
              {labelOfSetting(form)}
              {form.unit && <small>{form.unit}</small>}
            </dt>
            <dd>{wordsOf(run.config[form.name])}</dd>
          </div>
        ))}
      </dl>
    </details>
  )
}
