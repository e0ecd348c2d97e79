/** Where the memory goes and what the parameters are: plain bars under one scale, in human units. */

import { useStore } from 'zustand'
import { levelOf } from '../document/inside'
import { namesOf } from '../document/names'
import { readingOrder } from '../document/order'
import { showBlock } from '../editor/actions'
import { closeSheet } from '../editor/ui_state'
import { validationStore } from '../editor/validation'
import type { MemoryEstimate } from '../generated/wire'
import { forecastStore, memoryToTrain } from '../runs/forecast'
import { BottomSheet } from '../ui/BottomSheet'
import { byteWords, exactly, roughly } from '../ui/numbers'
import './size.css'

interface Part {
  words: string
  note: string
  value: number
  /** what it would be otherwise, drawn as an outline */
  instead?: number
}

const partsOf = (memory: MemoryEstimate): Part[] => [
  { words: 'Weights', note: 'the numbers it learns', value: memory.weights },
  { words: 'Gradients', note: 'how each weight is to change', value: memory.gradients },
  { words: 'Optimizer', note: 'moments of Adam, average of the weights', value: memory.optimizer },
  {
    words: 'Activations',
    note: activationNote(memory),
    value: memory.activations,
    instead: memory.activations_without_checkpoints,
  },
  { words: 'Rollout', note: 'the moves it learns from', value: memory.rollout },
  { words: 'Workspace', note: 'for the largest step', value: memory.workspace },
]

const activationNote = (memory: MemoryEstimate): string =>
  memory.activations_without_checkpoints > memory.activations
    ? `${byteWords(memory.activations_without_checkpoints)} if all were kept`
    : 'kept for the gradients'

export function MemorySheet() {
  const validation = useStore(validationStore)
  const estimate = memoryToTrain(validation, useStore(forecastStore))
  if (!estimate) return null
  const { memory, words } = estimate
  const sizes = `${byteWords(memory.training)} to train, ${byteWords(memory.running)} to play`
  const note = `${validation.result?.valid ? '' : 'At least '}${sizes}, for a run ${words}`
  return (
    <BottomSheet beside title="Memory" note={note} onClose={closeSheet}>
      <Bars parts={partsOf(memory)} write={byteWords} />
    </BottomSheet>
  )
}

export function ParametersSheet() {
  const { result, forDesign } = useStore(validationStore)
  if (!result) return null
  const { parameters, active_parameters: active, flops } = result
  const order = forDesign ? readingOrder(levelOf(forDesign, null)) : []
  const costly = order.filter(({ id }) => (result.blocks[id]?.parameters ?? 0) > 0)
  const names = forDesign ? namesOf(forDesign) : new Map<string, string>()
  const most = Math.max(1, ...costly.map(({ id }) => result.blocks[id]?.parameters ?? 0))
  return (
    <BottomSheet beside title="Size" note={`${roughly(flops)} multiply-adds for one board`} onClose={closeSheet}>
      <Bars
        write={exactly}
        parts={[
          { words: 'All', note: 'what it learns and keeps', value: parameters },
          { words: 'Active', note: active < parameters ? 'used for one cell or board' : 'every one is used', value: active },
        ]}
      />
      <h3 className="size-heading">Block by block</h3>
      <ul className="size-blocks">
        {costly.map((component) => (
          <li key={component.id}>
            <button type="button" onClick={() => showBlock(component.id)}>
              <Bar
                words={names.get(component.id) ?? component.id}
                note=""
                value={result.blocks[component.id]?.parameters ?? 0}
                share={(result.blocks[component.id]?.parameters ?? 0) / most}
                write={exactly}
              />
            </button>
          </li>
        ))}
      </ul>
    </BottomSheet>
  )
}

function Bars({ parts, write }: { parts: Part[]; write: (value: number) => string }) {
  const most = Math.max(1, ...parts.map(({ value, instead }) => Math.max(value, instead ?? 0)))
  return (
    <ul className="size-bars">
      {parts.map((part) => (
        <li key={part.words}>
          <Bar {...part} share={part.value / most} outline={(part.instead ?? 0) / most} write={write} />
        </li>
      ))}
    </ul>
  )
}

interface BarProps {
  words: string
  note: string
  value: number
  share: number
  outline?: number
  write: (value: number) => string
}

function Bar({ words, note, value, share, outline = 0, write }: BarProps) {
  return (
    <>
      <span className="size-words">
        <b>{words}</b> {note && <small>{note}</small>}
      </span>
      <span className="size-value">{write(value)}</span>
      <span className="share-bar" aria-hidden="true">
        {outline > share && <i className="size-outline" style={{ width: `${outline * 100}%` }} />}
        {share > 0 && <i style={{ width: `${share * 100}%` }} />}
      </span>
    </>
  )
}
