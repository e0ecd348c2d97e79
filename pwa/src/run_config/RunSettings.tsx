/** Memory and every setting of the next run, as its recipe has it or as it was changed. */

import { type ReactNode, useState } from 'react'
import { useStore } from 'zustand'
import { sameValue } from '../document/values'
import { PropertyEditor } from '../fields/PropertyEditor'
import type { Property, TrainConfig } from '../generated/wire'
import { backToRecipe, changeSetting, choiceStore, formsFor, labelOfSetting } from '../runs/run_config'
import './run-settings.css'

interface RunSettingsProps {
  /** as the recipe, or a length of its own, has them */
  settings: TrainConfig
  /** of the recipe */
  moves: number | undefined
  /** what is shown above them */
  children?: ReactNode
}

export function RunSettings({ settings, moves, children }: RunSettingsProps) {
  const [open, setOpen] = useState(false)
  const [round, setRound] = useState(0)
  const changed = useStore(choiceStore, ({ changes }) => Object.keys(changes).length)
  const algorithm = useStore(choiceStore, (choice) => choice.algorithm)
  const startAgain = () => {
    backToRecipe()
    setRound(round + 1)
  }
  return (
    <details className="figures run-settings" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        Details <small>{changed === 0 ? 'algorithm, parallel games, …' : `${changed} changed`}</small>
      </summary>
      {open && children}
      {open && changed > 0 && (
        <button type="button" className="button" onClick={startAgain}>
          Back to the recipe
        </button>
      )}
      {open &&
        formsFor(algorithm).map((form) => (
          <Setting key={`${form.name} ${round}`} form={form} recipe={{ ...settings, total_steps: moves }} />
        ))}
    </details>
  )
}

function Setting({ form, recipe }: { form: Property; recipe: TrainConfig }) {
  const name = form.name as keyof TrainConfig
  const own = useStore(choiceStore, ({ changes }) => changes[name])
  return (
    <PropertyEditor
      named={false}
      bounded
      form={{ ...form, name: labelOfSetting(form) }}
      effective={own === undefined ? { value: recipe[name], from: 'recipe' } : { value: own, from: 'component' }}
      inherited={{ value: recipe[name], from: 'recipe' }}
      divided={undefined}
      problem={undefined}
      onValue={(value) => changeSetting(form, sameValue(value, recipe[name]) ? undefined : value)}
      onSettled={() => {}}
    />
  )
}
