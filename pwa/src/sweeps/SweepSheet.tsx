/** The sheet "Try variants": what is varied, how it is searched, what that takes, and Start. */

import { useEffect, useMemo, useState } from 'react'
import { useStore } from 'zustand'
import { documentStore } from '../document/store'
import type { ModelArchitecture, SweepPlan, SweepSpec } from '../generated/wire'
import { sentenceFor } from '../lib/error_sentence'
import { goTo } from '../navigation/router'
import { planSweep } from '../python/client'
import { Question } from '../run_config/Question'
import { followForecast, forecastStore } from '../runs/forecast'
import { AVERAGE_SERVER, choiceStore, plainOffers } from '../runs/run_config'
import { randomId } from '../storage/random_id'
import { BottomSheet } from '../ui/BottomSheet'
import { Icon } from '../ui/Icon'
import { AxisFields } from './AxisFields'
import { DraftProblem, draftFor, MAX_AXES, type SweepDraft, specOf, type Variable, variablesOf } from './axes'
import { PlanLine } from './PlanLine'
import { startSweep } from './sweeps_api'
import './sweep-sheet.css'

const UNREACHABLE = 'The server cannot be reached. Start the variants when it is back: they are not kept on this phone.'

export function SweepSheet({ onClose }: { onClose: () => void }) {
  const design = useStore(documentStore, (state) => state.design)
  return design ? <Form design={design} onClose={onClose} /> : null
}

/** A rate and two others around it, every combination, the length of the shortest recipe. */
function firstDraft(variables: readonly Variable[], moves: number): SweepDraft {
  const rate = variables.find(({ key }) => key === 'setting//learning_rate') ?? variables[0]
  const rest = { search: 'grid', trials: '9', seed: '1', halving: true, minutes: '' } as const
  return { axes: rate ? [draftFor(rate)] : [], moves: String(moves), ...rest }
}

interface FormProps {
  design: ModelArchitecture
  onClose: () => void
}

function Form({ design, onClose }: FormProps) {
  useEffect(followForecast, [])
  const choice = useStore(choiceStore)
  const offers = useStore(forecastStore, (state) => (state.algorithm === choice.algorithm ? state.offers : []))
  const config = { ...(offers[0] ?? plainOffers(choice.algorithm)[0])?.config, ...choice.changes }
  // biome-ignore lint/correctness/useExhaustiveDependencies: the settings only say what stands in the form at first
  const variables = useMemo(() => variablesOf(design, config), [design])
  const [draft, setDraft] = useState(() => firstDraft(variables, config.total_steps ?? 1))
  const change = (part: Partial<SweepDraft>) => setDraft({ ...draft, ...part })
  const { spec, problem } = read(draft, variables, { ...choice.changes, algorithm: choice.algorithm })
  const plan = usePlan(design, spec)
  const { start, trouble, starting } = useStart(design, spec, onClose)
  const count = plan?.trials.length ?? 0
  const foot = (
    <div className="sweep-foot">
      <PlanLine plan={plan} problem={problem} moves={spec?.settings?.total_steps as number | undefined} />
      {trouble && (
        <p className="sweep-trouble" role="alert">
          {trouble}
        </p>
      )}
      <button
        type="button"
        className="button start-sweep"
        data-look="primary"
        disabled={!spec || starting || (plan !== null && count === 0)}
        onClick={start}
      >
        <Icon name="train" /> Start{count > 0 && ` ${count === 1 ? '1 run' : `${count} runs`}`}
      </button>
    </div>
  )
  return (
    <BottomSheet title="Try variants" note={`“${design.name}”, each from new weights`} foot={foot} onClose={onClose}>
      <div className="sweep-form">
        {draft.axes.map((row, index) => (
          <AxisFields
            // biome-ignore lint/suspicious/noArrayIndexKey: a row is identified by its place
            key={index}
            number={index + 1}
            row={row}
            variables={variables}
            random={draft.search === 'random'}
            onChange={(changed) => change({ axes: draft.axes.map((old, at) => (at === index ? changed : old)) })}
            onRemove={draft.axes.length > 1 ? () => change({ axes: draft.axes.filter((_, at) => at !== index) }) : undefined}
          />
        ))}
        {draft.axes.length < MAX_AXES && <AddAxis variables={variables} draft={draft} change={change} />}
        <Search draft={draft} change={change} />
      </div>
    </BottomSheet>
  )
}

function read(draft: SweepDraft, variables: readonly Variable[], shared: object): { spec?: SweepSpec; problem?: string } {
  try {
    return { spec: specOf(draft, variables, shared) }
  } catch (error) {
    if (error instanceof DraftProblem) return { problem: error.message }
    throw error
  }
}

/** The plan of the newest request; the last one stays while another is worked out. Null before the first. */
function usePlan(design: ModelArchitecture, spec: SweepSpec | undefined): SweepPlan | null {
  const machine = useStore(forecastStore, (state) => state.machine) ?? AVERAGE_SERVER
  const [plan, setPlan] = useState<SweepPlan | null>(null)
  const text = JSON.stringify(spec)
  useEffect(() => {
    if (text === undefined) return
    let late = false
    planSweep(JSON.stringify(design), JSON.parse(text) as SweepSpec, machine).then(
      (found) => late || setPlan(found),
      () => {}, // superseded, or Python does not run here: the server plans it then
    )
    return () => {
      late = true
    }
  }, [design, text, machine])
  return plan
}

/** Starts the sweep on the server, and shows its results. */
function useStart(design: ModelArchitecture, spec: SweepSpec | undefined, onClose: () => void) {
  const [id] = useState(() => randomId('s'))
  const [trouble, setTrouble] = useState<string>()
  const [starting, setStarting] = useState(false)
  const start = async () => {
    if (!spec) return
    setStarting(true)
    setTrouble(undefined)
    try {
      await startSweep(id, { ...spec, design_id: design.id, design })
      onClose()
      goTo({ screen: 'sweeps', id: design.id })
    } catch (error) {
      setTrouble(sentenceFor(error, { unreachable: UNREACHABLE }))
      setStarting(false)
    }
  }
  return { start: () => void start(), trouble, starting }
}

interface PartProps {
  draft: SweepDraft
  change: (part: Partial<SweepDraft>) => void
}

function AddAxis({ variables, draft, change }: PartProps & { variables: readonly Variable[] }) {
  const free = variables.find(({ key }) => draft.axes.every(({ variable }) => variable !== key))
  if (!free) return null
  return (
    <button type="button" className="button" onClick={() => change({ axes: [...draft.axes, draftFor(free)] })}>
      <Icon name="add" /> Vary another property
    </button>
  )
}

function Search({ draft, change }: PartProps) {
  return (
    <>
      <Question
        name="search"
        title="Combinations"
        answers={[
          ['grid', { title: 'All of them' }],
          ['random', { title: 'At random' }],
        ]}
        chosen={draft.search}
        onChoose={(search) => change({ search })}
        about={undefined}
      />
      <div className="sweep-numbers">
        {draft.search === 'random' && (
          <>
            <Field label="Number of runs" value={draft.trials} onChange={(trials) => change({ trials })} />
            <Field label="Seed" value={draft.seed} onChange={(seed) => change({ seed })} />
          </>
        )}
        <Field label="Moves of each run" value={draft.moves} onChange={(moves) => change({ moves })} />
        <Field label="Time limit, minutes" value={draft.minutes} empty="none" onChange={(minutes) => change({ minutes })} />
      </div>
      <label className="sweep-halving">
        <input type="checkbox" checked={draft.halving} onChange={(event) => change({ halving: event.target.checked })} />
        <span>
          <b>Stop the worse ones early</b>
          <small>Only the best third goes on (successive halving): most of the result in a part of the time.</small>
        </span>
      </label>
    </>
  )
}

interface FieldProps {
  label: string
  value: string
  empty?: string
  onChange: (value: string) => void
}

export function Field({ label, value, empty, onChange }: FieldProps) {
  return (
    <label className="sweep-field">
      <span>{label}</span>
      <input
        className="control"
        inputMode="decimal"
        value={value}
        placeholder={empty}
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  )
}
