/** The editor of one property: name, help, control, and where its value comes from. */

import { Switch } from '@base-ui/react/switch'
import type { Property } from '../document/catalogue'
import { type Effective, sameValue } from '../document/values'
import type { Component, ModelArchitecture } from '../generated/wire'
import { ComponentField } from './ComponentField'
import { FieldProblem } from './FieldProblem'
import { NumberField } from './NumberField'
import { NumbersField } from './NumbersField'
import { PatternsField } from './PatternsField'
import './fields.css'
import { aboutId, choicesOf, editorOf, inputText } from '../document/property_values'

const BACK_TO: Record<Effective['from'], string> = {
  component: 'Use',
  design: 'Use the design’s',
  block: 'Use the default,',
  recipe: 'Use the recipe’s',
}

interface PropertyEditorProps {
  form: Property
  effective: Effective
  /** the value when it is left out */
  inherited: Effective
  /** the value that it has to divide, where it has to */
  divided: unknown
  /** the problem of this field */
  problem: string | undefined
  /** whether the problem's fix resets the value, so that no second button is shown for it */
  fixResets?: boolean
  /** the design-wide width, for lists that begin with it */
  width?: number
  /** the component it belongs to, and its design; none for a value of the whole design */
  owner?: { design: ModelArchitecture; component: Component }
  onValue: (value: unknown) => void
  onSettled: () => void
  /** whether its name is that of a parameter in the code */
  named?: boolean
  /** whether a number out of bounds is refused, where no validation reports it */
  bounded?: boolean
}

export function PropertyEditor(props: PropertyEditorProps) {
  const { form, effective, inherited, onValue, onSettled, fixResets = false, named = true } = props
  const own = effective.from === 'component'
  const differs = own && !sameValue(effective.value, inherited.value)
  const reset = () => {
    onValue(undefined)
    onSettled()
  }
  return (
    <div className="property" data-editor={editorOf(form)}>
      <div className="property-words">
        <span className={named ? 'property-name mono' : 'property-name'}>{form.name}</span>
        <p className="property-help" id={aboutId(form)}>
          {form.help}
          {!form.names_unit && ` In ${form.unit}.`}
        </p>
      </div>
      <Control {...props} />
      {differs && form.type !== 'component' && !fixResets && (
        <button type="button" className="reset" onClick={reset}>
          {BACK_TO[inherited.from]} {inputText(inherited.value) || form.default_text}
        </button>
      )}
      {effective.from === 'design' && <p className="inherited">from the design</p>}
    </div>
  )
}

function Control(props: PropertyEditorProps) {
  switch (editorOf(props.form)) {
    case 'switch':
      return <SwitchControl {...props} />
    case 'choice':
      return <ChoiceControl {...props} />
    case 'slider':
      return <SliderControl {...props} />
    case 'number':
      return <NumberField {...props} value={props.effective.value} />
    case 'numbers':
      return <NumbersField {...props} value={props.effective.value} />
    case 'patterns':
      return <PatternsField {...props} value={props.effective.value} />
    case 'component':
      return props.owner ? <ComponentField {...props} owner={props.owner} value={props.effective.value} /> : null
  }
}

function SwitchControl({ form, effective, onValue, onSettled }: PropertyEditorProps) {
  return (
    <Switch.Root
      className="switch"
      aria-label={form.name}
      aria-describedby={aboutId(form)}
      checked={effective.value === true}
      onCheckedChange={(checked) => {
        onValue(checked)
        onSettled()
      }}
    >
      <Switch.Thumb className="switch-thumb" />
    </Switch.Root>
  )
}

function ChoiceControl({ form, effective, divided, problem, onValue, onSettled }: PropertyEditorProps) {
  const choices = choicesOf(form, effective.value, divided)
  const unfit = choices.some((choice) => choice.unfit && choice.value === effective.value)
  return (
    <div className="choice">
      <select
        aria-label={form.name}
        aria-describedby={aboutId(form)}
        aria-invalid={unfit || problem !== undefined}
        value={String(effective.value)}
        onChange={(event) => {
          onValue(choices.find((choice) => String(choice.value) === event.target.value)?.value)
          onSettled()
        }}
      >
        {form.nullable && <option value="null">{form.default_text ?? 'none'}</option>}
        {choices.map((choice) => (
          <option key={choice.value} value={String(choice.value)}>
            {choice.label}
          </option>
        ))}
      </select>
      <FieldProblem problem={problem} />
    </div>
  )
}

function SliderControl({ form, effective, problem, onValue, onSettled }: PropertyEditorProps) {
  const value = typeof effective.value === 'number' ? effective.value : (form.minimum ?? 0)
  return (
    <div className="slider">
      <input
        type="range"
        aria-label={form.name}
        aria-describedby={aboutId(form)}
        min={form.minimum ?? 0}
        max={form.maximum ?? 1}
        step={form.step ?? 'any'}
        value={value}
        onChange={(event) => onValue(Number(event.target.value))}
        onPointerUp={onSettled}
        onKeyUp={onSettled}
      />
      <output className="slider-value">{inputText(value)}</output>
      <FieldProblem problem={problem} />
    </div>
  )
}
