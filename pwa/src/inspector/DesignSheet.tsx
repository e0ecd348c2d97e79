/** The sheet of the whole design: its name and the values every block takes unless it says otherwise. */

import { useState } from 'react'
import { useStore } from 'zustand'
import { metaForm, type Property } from '../document/catalogue'
import { rename, setMeta } from '../document/commands'
import { commit, documentOf, documentStore, endMerge } from '../document/store'
import { closeSheet, openSheet } from '../editor/ui_state'
import { NameField } from '../fields/NameField'
import { PropertyEditor } from '../fields/PropertyEditor'
import { usePendingEdit } from '../fields/usePendingEdit'
import type { Defaults, ModelArchitecture } from '../generated/wire'
import { BottomSheet } from '../ui/BottomSheet'
import { Icon } from '../ui/Icon'
import './block-sheet.css'

export function DesignSheet() {
  const design = useStore(documentStore, (state) => state.design)
  if (!design) return null
  return (
    <BottomSheet beside title="Design settings" note="Every block takes these unless it has its own." onClose={closeSheet}>
      <DesignName design={design} />
      {metaForm.map((form) => (
        <MetaProperty key={form.name} form={form} design={design} />
      ))}
      <div className="design-actions">
        <button type="button" className="button" onClick={() => openSheet({ name: 'history', id: design.id })}>
          <Icon name="history" /> History
        </button>
        <button type="button" className="button" onClick={() => openSheet({ name: 'share', id: design.id })}>
          <Icon name="share" /> Share
        </button>
        <button type="button" className="button" onClick={() => openSheet({ name: 'settings' })}>
          <Icon name="phone" /> App settings
        </button>
      </div>
    </BottomSheet>
  )
}

function DesignName({ design }: { design: ModelArchitecture }) {
  const [typed, setTyped] = useState<string | null>(null)
  const finish = () => {
    const name = typed?.trim()
    const now = documentOf(design.id)
    if (name && now) commit(rename(now, { name }))
    endMerge()
    setTyped(null)
  }
  usePendingEdit(finish)
  return <NameField value={typed ?? design.name} onType={setTyped} onDone={finish} />
}

function MetaProperty({ form, design }: { form: Property; design: ModelArchitecture }) {
  const field = form.name as keyof Defaults
  const divided = form.divides ? design.meta[form.divides as keyof Defaults] : undefined
  return (
    <PropertyEditor
      form={form}
      effective={{ value: design.meta[field], from: 'component' }}
      inherited={{ value: design.meta[field], from: 'block' }}
      divided={divided}
      problem={undefined}
      onValue={(value) => {
        const now = documentOf(design.id)
        if (now && typeof value === 'number') commit(setMeta(now, { field, value }))
      }}
      onSettled={endMerge}
    />
  )
}
