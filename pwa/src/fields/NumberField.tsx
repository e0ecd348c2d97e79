/** A number that is stepped with the thumb or typed; a typed number is stored once typing pauses. */

import { NumberField as Field } from '@base-ui/react/number-field'
import { type KeyboardEvent, useRef, useState } from 'react'
import type { Property } from '../document/catalogue'
import { aboutId, boundsProblem, inputText, parseTyped, stepValue } from '../document/property_values'
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
  /** the id of the element that explains the field, where that is not its own help */
  about?: string
  /** whether a number out of bounds is refused, where no validation reports it */
  bounded?: boolean
}

/** ARIA numbers have no exponent: those that would need one are left out. */
const ariaNumber = (value: number | null | undefined): number | undefined =>
  value === null || value === undefined || String(value).includes('e') ? undefined : value

const PAUSE_MS = 250

export function NumberField(props: Props) {
  const { form, value, about = aboutId(form) } = props
  const numeric = typeof value === 'number' ? value : undefined
  const { text, wrong, refusal, type, finish, step } = useTypedNumber(props)

  return (
    <Field.Root
      className="number-field"
      value={numeric ?? null}
      min={form.minimum ?? undefined}
      max={form.maximum ?? undefined}
      step={form.step ?? 'any'}
      allowOutOfRange
      // steps follow the grid of the property, or go by tens: the sum that Base UI has worked out is not used
      onValueChange={(_, { direction }) => direction && step(direction)}
    >
      <Field.Decrement className="stepper" aria-label={`Less ${form.name}`} disabled={numeric === undefined}>
        <Icon name="less" />
      </Field.Decrement>
      <Field.Input
        role="spinbutton"
        aria-roledescription={undefined}
        inputMode={form.type === 'integer' ? 'numeric' : 'decimal'}
        enterKeyHint="done"
        aria-label={form.name}
        aria-valuenow={ariaNumber(numeric)}
        aria-valuemin={ariaNumber(form.minimum)}
        aria-valuemax={ariaNumber(form.maximum)}
        aria-invalid={wrong !== undefined}
        aria-describedby={about}
        placeholder={form.default_text ?? undefined}
        value={text}
        onChange={(event) => {
          // Base UI would ignore letters and an exponent: here they are shown, and refused with a reason
          event.preventBaseUIHandler()
          type(event.target.value)
        }}
        onFocus={(event) => event.target.select()}
        onBlur={finish}
        onKeyDown={(event) => {
          if (event.key === 'Enter') finish()
          if (!isStep(event)) event.preventBaseUIHandler()
        }}
      />
      <Field.Increment className="stepper" aria-label={`More ${form.name}`} disabled={numeric === undefined}>
        <Icon name="greater" />
      </Field.Increment>
      <FieldProblem problem={wrong ?? refusal} />
    </Field.Root>
  )
}

const isStep = ({ key }: KeyboardEvent): boolean => key === 'ArrowUp' || key === 'ArrowDown'

interface TypedNumber {
  /** what the field shows */
  text: string
  /** why what it shows is wrong */
  wrong: string | undefined
  /** why the last text was not stored */
  refusal: string | undefined
  type: (entered: string) => void
  /** Store or refuse what is typed; the field then shows its value again. */
  finish: () => void
  step: (direction: 1 | -1) => void
}

/** The text of a number field beside its value: typed, stored after a pause, or refused. */
function useTypedNumber({ form, value, problem, onValue, onSettled, bounded = false }: Props): TypedNumber {
  const [typed, setTyped] = useState<string | null>(null)
  const [refused, setRefused] = useState<{ beside: unknown; words: string } | null>(null)
  const text = typed ?? inputText(value)
  const parsed = parseTyped(text, form)
  const unfit = 'problem' in parsed ? parsed.problem : boundsProblem(parsed.value, form)
  const wrong = 'problem' in parsed ? unfit : (problem ?? unfit)
  const { store, flush } = useDelayedStore(onValue)

  const type = (entered: string) => {
    setTyped(entered)
    setRefused(null)
    const read = parseTyped(entered, form)
    store('problem' in read ? undefined : { value: read.value })
  }
  const finish = () => {
    flush()
    const refuses = bounded || 'problem' in parsed
    if (typed !== null && unfit !== undefined && refuses)
      setRefused({ beside: value, words: typed.trim() ? `${typed.trim()} was not stored: ${lowerFirst(unfit)}` : unfit })
    setTyped(null)
    onSettled()
  }
  const step = (direction: 1 | -1) => {
    flush()
    const from = typed !== null && 'value' in parsed ? parsed.value : value
    setTyped(null)
    setRefused(null)
    if (typeof from === 'number') onValue(stepValue(from, form, direction))
  }
  const refusal = refused && refused.beside === value ? refused.words : undefined
  return { text, wrong, refusal, type, finish, step }
}

interface DelayedStore {
  /** Store a value after a pause, in place of one that still waits; with undefined, store nothing. */
  store: (entered: { value: number | undefined } | undefined) => void
  /** Store a waiting value now. */
  flush: () => void
}

/** Stores a typed value once typing pauses, and at the latest when the field or the page is closed. */
function useDelayedStore(onValue: (value: number | undefined) => void): DelayedStore {
  const waiting = useRef<{ timer: number; run: () => void } | null>(null)
  const flush = () => {
    const stored = waiting.current
    waiting.current = null
    if (!stored) return
    clearTimeout(stored.timer)
    stored.run()
  }
  const flushNow = useRef(flush)
  flushNow.current = flush
  usePendingEdit(flush)
  const store: DelayedStore['store'] = (entered) => {
    if (waiting.current) clearTimeout(waiting.current.timer)
    waiting.current = entered
      ? { run: () => onValue(entered.value), timer: window.setTimeout(() => flushNow.current(), PAUSE_MS) }
      : null
  }
  return { store, flush }
}
