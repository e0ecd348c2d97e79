/** A number one steps with the thumb or types; it tells its value when typing pauses. */

import { type KeyboardEvent, useCallback, useEffect, useRef, useState } from 'react'
import type { Property } from '../document/catalogue'
import { aboutId, boundsProblem, parseTyped, shown, stepValue } from '../document/property_values'
import { Icon } from '../ui/Icon'
import { lowerFirst } from '../ui/words'
import { FieldProblem } from './FieldProblem'
import { usePendingEdit } from './usePendingEdit'

interface Props {
  form: Property
  value: unknown
  problem: string | undefined
  onValue: (value: number | undefined) => void
  onSettled: () => void
  /** the id of what explains it, where that is not its own help */
  about?: string
  /** whether a number out of bounds is refused, where no validation reports it */
  bounded?: boolean
}

/** ARIA numbers have no exponent: those that would need one are left out. */
const plain = (value: number | null | undefined): number | undefined =>
  value === null || value === undefined || String(value).includes('e') ? undefined : value

const PAUSE_MS = 250
const REPEAT_AFTER_MS = 400
const REPEAT_EVERY_MS = 70

export function NumberField({ form, value, problem, onValue, onSettled, about = aboutId(form), bounded = false }: Props) {
  const [typed, setTyped] = useState<string | null>(null)
  const [refused, setRefused] = useState<{ beside: unknown; words: string } | null>(null)
  const pending = useRef<{ timer: number; tell: () => void } | null>(null)
  const text = typed ?? shown(value)
  const parsed = parseTyped(text, form)
  const unfit = 'problem' in parsed ? parsed.problem : boundsProblem(parsed.value, form)
  const wrong = 'problem' in parsed ? unfit : (problem ?? unfit)
  const numeric = typeof value === 'number' ? value : undefined

  const flush = () => {
    const held = pending.current
    pending.current = null
    if (held) {
      clearTimeout(held.timer)
      held.tell()
    }
  }
  const flushNow = useRef(flush)
  flushNow.current = flush
  usePendingEdit(flush)

  const type = (entered: string) => {
    setTyped(entered)
    setRefused(null)
    if (pending.current) clearTimeout(pending.current.timer)
    pending.current = null
    const read = parseTyped(entered, form)
    if ('problem' in read) return
    const tell = () => onValue(read.value)
    pending.current = { tell, timer: window.setTimeout(() => flushNow.current(), PAUSE_MS) }
  }
  const finish = () => {
    flush()
    const refuses = bounded || 'problem' in parsed
    if (typed !== null && unfit !== undefined && refuses)
      setRefused({ beside: value, words: typed.trim() ? `${typed.trim()} was not taken: ${lowerFirst(unfit)}` : unfit })
    setTyped(null)
    onSettled()
  }
  const stepBy = (by: 1 | -1) => {
    flush()
    setTyped(null)
    setRefused(null)
    if (numeric !== undefined) onValue(stepValue(numeric, form, by))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') finish()
    if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return
    event.preventDefault()
    stepBy(event.key === 'ArrowUp' ? 1 : -1)
  }

  return (
    <div className="number-field">
      <Stepper
        by={-1}
        label={`Less ${form.name}`}
        disabled={numeric === undefined || numeric <= (form.minimum ?? -Infinity)}
        onStep={stepBy}
      />
      <input
        type="text"
        role="spinbutton"
        inputMode={form.type === 'integer' ? 'numeric' : 'decimal'}
        autoComplete="off"
        enterKeyHint="done"
        aria-label={form.name}
        aria-valuenow={plain(numeric)}
        aria-valuemin={plain(form.minimum)}
        aria-valuemax={plain(form.maximum)}
        aria-invalid={wrong !== undefined}
        aria-describedby={about}
        placeholder={form.default_text ?? undefined}
        value={text}
        onChange={(event) => type(event.target.value)}
        onFocus={(event) => event.target.select()}
        onBlur={finish}
        onKeyDown={onKeyDown}
      />
      <Stepper
        by={1}
        label={`More ${form.name}`}
        disabled={numeric === undefined || numeric >= (form.maximum ?? Infinity)}
        onStep={stepBy}
      />
      <FieldProblem problem={wrong ?? (refused && refused.beside === value ? refused.words : undefined)} />
    </div>
  )
}

interface StepperProps {
  by: 1 | -1
  label: string
  disabled: boolean
  onStep: (by: 1 | -1) => void
}

/** A step button that goes on stepping while it is held. */
function Stepper({ by, label, disabled, onStep }: StepperProps) {
  const step = useRef(onStep)
  step.current = onStep
  const timer = useRef(0)
  const held = useRef(false)
  const release = useCallback(() => clearTimeout(timer.current), [])
  useEffect(() => release, [release])
  const hold = () => {
    held.current = false
    const again = () => {
      held.current = true
      step.current(by)
      timer.current = window.setTimeout(again, REPEAT_EVERY_MS)
    }
    timer.current = window.setTimeout(again, REPEAT_AFTER_MS)
  }
  return (
    <button
      type="button"
      className="stepper"
      aria-label={label}
      disabled={disabled}
      onPointerDown={hold}
      onPointerUp={release}
      onPointerLeave={release}
      onPointerCancel={release}
      onContextMenu={(event) => event.preventDefault()}
      onClick={() => {
        if (!held.current) onStep(by)
        held.current = false
      }}
    >
      <Icon name={by > 0 ? 'greater' : 'less'} />
    </button>
  )
}
