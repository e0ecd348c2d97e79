/** The inspector of one component: its properties, cost and connections; its form comes from the catalogue. */

import { useRef } from 'react'
import { useStore } from 'zustand'
import { blockOf, componentFields, containerKinds, type Property as Form, kindIndex, nameOf } from '../document/catalogue'
import { setProperty } from '../document/commands'
import { canGroup, canUngroup, countInside } from '../document/contain'
import { findComponent } from '../document/edits'
import { definitionOf, holds } from '../document/inside'
import { problemText } from '../document/messages'
import { nameIn } from '../document/names'
import { commit, documentOf, documentStore, endMerge, select } from '../document/store'
import { effectiveValue, inheritedValue, isInherited, valueOfField } from '../document/values'
import { deleteSelected, duplicateBlock, duplicateLinked, groupBlocks, startSelecting, ungroupBlock } from '../editor/actions'
import { BlockName } from '../editor/BlockName'
import { FixButton } from '../editor/FixButton'
import { goInside } from '../editor/navigation'
import { closeSheet } from '../editor/ui_state'
import { validationStore } from '../editor/validation'
import { PropertyEditor } from '../fields/PropertyEditor'
import type { Component, ModelArchitecture, Problem } from '../generated/wire'
import { estimatedBy } from '../runs/forecast'
import { BottomSheet } from '../ui/BottomSheet'
import { Icon } from '../ui/Icon'
import { byteWords, exactly, roughly } from '../ui/numbers'
import { insideWords } from '../ui/words'
import { BlockNameField } from './BlockNameField'
import { Wiring } from './Wiring'
import './block-sheet.css'

const noProblems: Problem[] = []

export function BlockSheet({ id, part }: { id: string; part?: 'connect' | 'name' }) {
  const design = useStore(documentStore, (state) => state.design)
  const component = design ? findComponent(design, id) : undefined
  if (!design || !component) return null
  return <OpenSheet key={`${design.id} ${id}`} design={design} component={component} part={part} />
}

interface OpenProps {
  design: ModelArchitecture
  component: Component
  part: 'connect' | 'name' | undefined
}

function OpenSheet({ design, component, part }: OpenProps) {
  const problems = useStore(validationStore, (state) => state.result?.problems) ?? noProblems
  const own = problems.filter((problem) => problem.component_id === component.id)
  const hints = (useStore(validationStore, (state) => state.result?.warnings) ?? noProblems).filter(
    (hint) => hint.component_id === component.id,
  )
  const block = blockOf(component.type)
  const nameField = useRef<HTMLInputElement>(null)
  const beside = own.filter((problem) => !block?.properties.some((form) => form.name === problem.field))
  return (
    <BottomSheet
      beside
      title={<BlockName design={design} id={component.id} />}
      kind={kindIndex(component.type)}
      note={block?.summary}
      {...(part === 'name' && { focus: nameField })}
      onClose={closeSheet}
    >
      {beside.map((problem) => (
        <ProblemCard key={problem.code + problem.message} problem={problem} />
      ))}
      {hints.map((hint) => (
        <HintCard key={hint.code + hint.message} hint={hint} />
      ))}
      {holds(component) && <OpenContainer design={design} component={component} />}
      <BlockNameField field={nameField} design={design} component={component} first={part === 'name'} />
      <Cost id={component.id} />
      {block?.properties.map((form) => (
        <Property
          key={form.name}
          form={form}
          design={design}
          component={component}
          problem={own.find((problem) => problem.field === form.name)}
        />
      ))}
      {block?.properties.length === 0 && <p className="quiet">This block has no settings.</p>}
      <Wiring design={design} component={component} startWithConnect={part === 'connect'} />
      <Containing design={design} component={component} />
      <div className="sheet-actions">
        <button type="button" className="button" onClick={() => void duplicateBlock(component.id)}>
          <Icon name="duplicate" /> Duplicate
        </button>
        <button
          type="button"
          className="button"
          data-look="bad"
          onClick={() => {
            select([component.id])
            deleteSelected()
          }}
        >
          <Icon name="bin" /> Delete
        </button>
      </div>
    </BottomSheet>
  )
}

interface PropertyProps {
  form: Form
  design: ModelArchitecture
  component: Component
  problem: Problem | undefined
}

function Property({ form, design, component, problem }: PropertyProps) {
  const onValue = (value: unknown) => {
    const now = documentOf(design.id)
    if (now) commit(setProperty(now, { id: component.id, field: form.name, value }))
  }
  const fix = problem?.fix
  const fixResets =
    fix?.action === 'set_property' && fix.field === form.name && isInherited(component, fix.field, fix.value, design.meta)
  return (
    <>
      <PropertyEditor
        form={form}
        effective={effectiveValue(component, form, design.meta)}
        inherited={inheritedValue(form, design.meta)}
        divided={form.divides ? valueOfField(component, form.divides, design.meta) : undefined}
        problem={problem && problemText(problem)}
        fixResets={fixResets}
        width={design.meta.d_model}
        owner={{ design, component }}
        onValue={onValue}
        onSettled={endMerge}
      />
      {problem && <FixButton problem={problem} />}
    </>
  )
}

function ProblemCard({ problem }: { problem: Problem }) {
  return (
    <div className="problem-card" role="alert">
      <p>{problemText(problem)}</p>
      <FixButton problem={problem} />
    </div>
  )
}

function HintCard({ hint }: { hint: Problem }) {
  return (
    <div className="hint-card">
      <p>{problemText(hint)}</p>
      <FixButton problem={hint} />
    </div>
  )
}

function OpenContainer({ design, component }: { design: ModelArchitecture; component: Component }) {
  const count = countInside(design, component)
  const definition = definitionOf(design, component)
  return (
    <button type="button" className="button open-container" onClick={() => goInside(component.id)}>
      <Icon name="enter" />
      <b>
        Open<span className="sr-only"> {nameOf(component)}</span>
      </b>
      <span aria-hidden="true">
        {insideWords(count)}
        {definition && `, shared with ${nameIn(design, definition.id)}`}
      </span>
    </button>
  )
}

/** Grouping and ungrouping, where this block allows it, and a copy that stays linked. */
function Containing({ design, component }: { design: ModelArchitecture; component: Component }) {
  const links = componentFields(component.type)
  const kinds = canGroup(component) ? containerKinds() : []
  const out = canUngroup(design, component)
  if (links.length === 0 && kinds.length === 0 && !out) return null
  return (
    <section className="containing" aria-label="Containers">
      {kinds.length > 0 && <h3>Group into</h3>}
      {kinds.map(({ type, title }) => (
        <button
          key={type}
          type="button"
          className="button"
          aria-label={`Group into ${title}`}
          onClick={() => groupBlocks([component.id], type)}
        >
          <span className="kind-dot" data-kind={kindIndex(type)} /> {title}
        </button>
      ))}
      {kinds.length > 0 && (
        <button type="button" className="button" aria-label="Group with others…" onClick={() => startSelecting(component.id)}>
          with others…
        </button>
      )}
      {out && (
        <button type="button" className="button" onClick={() => ungroupBlock(component.id)}>
          Ungroup
        </button>
      )}
      {links.slice(0, 1).map(({ name }) => (
        <button key={name} type="button" className="button" onClick={() => void duplicateLinked(component.id, name)}>
          <Icon name="link" /> Linked copy
        </button>
      ))}
    </section>
  )
}

/** The cost of this block, and its output shape. */
function Cost({ id }: { id: string }) {
  const cost = useStore(validationStore, (state) => state.result?.blocks[id])
  const by = useStore(validationStore, ({ result }) => estimatedBy(result))
  const partly = cost !== undefined && cost.active_parameters !== cost.parameters
  return (
    <dl className="cost">
      <div>
        <dt>parameters</dt>
        <dd>{cost ? exactly(cost.parameters) : '–'}</dd>
      </div>
      {partly && (
        <div>
          <dt>active per token or board</dt>
          <dd>{exactly(cost.active_parameters)}</dd>
        </div>
      )}
      <div>
        <dt>multiply-adds</dt>
        <dd>{cost ? roughly(cost.flops) : '–'}</dd>
      </div>
      <div>
        <dt>memory to train, by {by} with the default settings</dt>
        <dd>{cost?.training_bytes === undefined ? '–' : byteWords(cost.training_bytes)}</dd>
      </div>
      <div>
        <dt>output shape</dt>
        <dd className="mono">{cost?.shape ?? '–'}</dd>
      </div>
    </dl>
  )
}
