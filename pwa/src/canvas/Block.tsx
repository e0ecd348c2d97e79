/** One block on the canvas: its kind, its name, its main values, what leaves it, what is wrong with it. */

import { Handle, type NodeProps, Position } from '@xyflow/react'
import { Fragment, memo } from 'react'
import { useStore } from 'zustand'
import { hasOutput, kindIndex, takesInputs, titleOf } from '../document/catalogue'
import { nameIn } from '../document/names'
import { documentStore } from '../document/store'
import { mainValues } from '../document/values'
import { marksOf } from '../editor/block_marks'
import { conflictMarks } from '../editor/conflict_marks'
import { type Target, targetsStore } from '../editor/connection_targets'
import { noticeStore } from '../editor/session'
import { validationStore } from '../editor/validation'
import { HeatBar } from '../runs/HeatBar'
import { Icon } from '../ui/Icon'
import { insideWords } from '../ui/words'
import type { BlockNode } from './flow'

export const Block = memo(
  function Block({ id, data: { component, meta, inside } }: NodeProps<BlockNode>) {
    const shape = useStore(validationStore, (state) => state.result?.blocks[id]?.shape)
    const name = useStore(documentStore, ({ design }) => (design ? nameIn(design, id) : titleOf(component)))
    const problem = useStore(validationStore, (state) => marksOf(state).get(id)?.problem)
    const takes = useStore(targetsStore, ({ known }) => takesWire(known.get(id)))
    const hint = useStore(validationStore, (state) => marksOf(state).get(id)?.hint)
    const conflict = useStore(noticeStore, (state) => conflictMarks(state.conflicts, documentStore.getState().design).get(id))
    return (
      <>
        <div
          className="block"
          data-kind={kindIndex(component.type)}
          data-bad={problem !== undefined || undefined}
          data-hint={(hint !== undefined && problem === undefined) || undefined}
          data-takes={takes}
          data-conflict={conflict !== undefined || undefined}
          data-holds={inside !== null || undefined}
        >
          <span className="block-title">{name}</span>
          <span className="block-line">{problem ?? conflict ?? <MainValues values={mainValues(component, meta)} />}</span>
          <HeatBar id={id} />
          {inside !== null && (
            <span className="block-open">
              {insideWords(inside)} <Icon name="enter" />
            </span>
          )}
        </div>
        <span className="block-id mono" aria-hidden="true">
          {id}
        </span>
        {shape && hasOutput(component.type) && <span className="block-shape mono">{shape}</span>}
        {takesInputs(component.type) && <Handle type="target" position={Position.Top} className="port" />}
        {hasOutput(component.type) && <Handle type="source" position={Position.Bottom} className="port" />}
      </>
    )
  },
  (before, after) => before.id === after.id && before.data === after.data && before.selected === after.selected,
)

const takesWire = (target: Target | undefined) => target && (target.refusal === undefined ? 'yes' : 'no')

/** The main values, broken between two of them and never within one. */
function MainValues({ values }: { values: string[] }) {
  return values.map((value, index) => (
    <Fragment key={value}>
      <span>
        {value}
        {index < values.length - 1 && ','}
      </span>{' '}
    </Fragment>
  ))
}
