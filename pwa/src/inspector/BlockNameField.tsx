/** The field for the name of a block; while it is empty, it shows what the block is called without one. */

import { type RefObject, useEffect, useState } from 'react'
import { MAX_BLOCK_NAME } from '../document/commands'
import { nameIn } from '../document/names'
import { endMerge } from '../document/store'
import { nameBlock } from '../editor/actions'
import type { Component, ModelArchitecture } from '../generated/wire'

interface Props {
  field: RefObject<HTMLInputElement | null>
  design: ModelArchitecture
  component: Component
  /** whether it has the focus first */
  first: boolean
}

export function BlockNameField({ field, design, component, first }: Props) {
  const [typed, setTyped] = useState<string>()
  useEffect(() => {
    if (!first) return
    field.current?.focus()
    field.current?.select()
  }, [first, field])
  const settle = () => {
    setTyped(undefined)
    endMerge()
  }
  return (
    <label className="name-field block-name">
      <span>Name</span>
      <input
        ref={field}
        type="text"
        maxLength={MAX_BLOCK_NAME}
        autoComplete="off"
        autoCapitalize="sentences"
        enterKeyHint="done"
        placeholder={component.name === undefined ? nameIn(design, component.id) : 'No name'}
        value={typed ?? component.name ?? ''}
        onChange={(event) => {
          setTyped(event.target.value)
          nameBlock(component.id, event.target.value)
        }}
        onBlur={settle}
        onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
      />
    </label>
  )
}
