/** One block on the canvas: its kind, name, main values, output shape and problems. */

import { Handle, type NodeProps, Position } from '@xyflow/react'
import { Fragment, memo } from 'react'
import { useStore } from 'zustand'
import { hasOutput, kindIndex, takesInputs, titleOf } from '../document/catalogue'
import { nameIn } from '../document/names'
import { documentStore } from '../document/store'
import { mainValues } from '../document/values'
import { type Mark, marksOf } from '../editor/block_marks'
import { conflictMarks } from '../editor/conflict_marks'
import { type Target, targetsStore } from '../editor/connection_targets'
import { noticeStore } from '../editor/session'
import { validationStore } from '../editor/validation'
import { HeatBar } from '../runs/HeatBar'
import { Icon } from '../ui/Icon'
import { insideWords } from '../ui/words'
import { aimStore } from './drop_target'
import type { BlockNode } from './flow'
import { labelsStore } from './labels'

export const Block = memo(
  function Block({ id, data: { component, meta, inside } }: NodeProps<BlockNode>) {
    const shape = useStore(validationStore, (state) => state.result?.blocks[id]?.shape)
    const name = useStore(documentStore, ({ design }) => (design ? nameIn(design, id) : titleOf(component)))
    const { problem, hint } = useStore(validationStore, (state) => marksOf(state).get(id)) ?? NO_MARK
    const takes = useStore(targetsStore, ({ known }) => takesWire(known.get(id)))
    const aimed = useStore(aimStore, ({ aim }) => (aim?.id === id ? (aim.refused ? 'no' : 'yes') : undefined))
    const side = useStore(labelsStore, ({ labels }) => labels.get(id))
    const conflict = useStore(noticeStore, (state) => conflictMarks(state.conflicts, documentStore.getState().design).get(id))
    return (
      <>
        <div
          className="block"
          data-kind={kindIndex(component.type)}
          data-bad={problem !== undefined || undefined}
          data-hint={(hint !== undefined && problem === undefined) || undefined}
          data-takes={takes}
          data-aimed={aimed}
          data-conflict={conflict !== undefined || undefined}
          data-holds={inside !== null || undefined}
        >
          <span className="block-title">{name}</span>
          <span className="block-line">{problem ?? conflict ?? <MainValues values={mainValues(component, meta, called)} />}</span>
          <HeatBar id={id} />
          {inside !== null && (
            <span className="block-open">
              {insideWords(inside)} <Icon name="enter" />
            </span>
          )}
        </div>
        {shape && side && (
          <span className="block-shape mono" data-side={side}>
            {shape}
          </span>
        )}
        {takesInputs(component.type) && <Handle type="target" position={Position.Top} className="port" />}
        {hasOutput(component.type) && <Handle type="source" position={Position.Bottom} className="port" />}
      </>
    )
  },
  (before, after) => before.id === after.id && before.data === after.data && before.selected === after.selected,
)

const NO_MARK: Mark = {}

const called = (id: string): string => {
  const { design } = documentStore.getState()
  return design ? nameIn(design, id) : id
}

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
