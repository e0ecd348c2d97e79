/** The button that opens the Export dialog. */

import { useEffect } from 'react'
import { useStore } from 'zustand'
import { openSheet } from '../editor/ui_state'
import { whenIdle } from '../lib/when_idle'
import { networksStore, readNetworks } from '../networks/networks'
import { Icon } from '../ui/Icon'
import { prefetchExports } from './early_list'

interface Props {
  designId: string
  /** the run on the screen */
  runId?: string
  disabled?: boolean
}

export function ExportButton({ designId, runId, disabled = false }: Props) {
  // so that a tap finds the code of the dialog loaded; where that fails, the dialog says so itself
  useEffect(() => void import('./ExportSheet').catch(() => {}), [])
  useEffect(() => {
    return disabled ? undefined : whenIdle(() => prefetchExports(designId))
  }, [designId, disabled])
  return (
    <button
      type="button"
      className="button open-export"
      data-look="primary"
      disabled={disabled}
      onPointerDown={() => prefetchExports(designId)}
      onClick={() => openSheet({ name: 'export', designId, ...(runId && { runId }) })}
    >
      <Icon name="save" /> Export
    </button>
  )
}

/** Whether this phone keeps a network of the design, which can be exported without the server. */
export function useKeepsNetwork(designId: string | undefined): boolean {
  // where the phone's database cannot be read, its own notice says so
  useEffect(() => void readNetworks().catch(() => {}), [])
  return useStore(networksStore, ({ networks }) => networks.some((network) => network.designId === designId))
}
