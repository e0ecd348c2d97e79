/** The list of designs: the first screen, with one large button for the thumb. */

import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { openSheet } from '../editor/ui_state'
import { whenIdle } from '../lib/when_idle'
import { LEADERBOARD } from '../navigation/router'
import { InstallHint } from '../platform/InstallHint'
import { PackProgress } from '../platform/PackProgress'
import { PairingHint } from '../platform/PairingHint'
import { SyncStatus } from '../platform/SyncStatus'
import { RunPill } from '../runs/RunPill'
import { Icon } from '../ui/Icon'
import { later, MissingSheet } from '../ui/later'
import { cardMenuStore } from './card_menu'
import { DesignList } from './DesignList'
import './design-list.css'
import './designs.css'
import { LaterCardMenu } from './later_menu'
import { followLibrary, libraryStore } from './library'
import { ReturnedNotice } from './ReturnedNotice'
import { Transfer } from './Transfer'

const loadOffer = () => import('../telemetry/TelemetryOffer')
const TelemetryOffer = later(
  loadOffer,
  (parts) => parts.TelemetryOffer,
  () => null,
)

const loadRename = () => import('./RenameDialog')
const RenameDialog = later(loadRename, (parts) => parts.RenameDialog, MissingSheet)

export function DesignsScreen() {
  const designs = useStore(libraryStore, (state) => state.designs)
  const menuWanted = useStore(cardMenuStore, ({ wanted }) => wanted)
  const [renaming, setRenaming] = useState<string | null>(null)
  const [idle, setIdle] = useState(false)
  useEffect(followLibrary, [])
  useEffect(() => whenIdle(() => setIdle(true)), [])
  const row = designs?.find(({ id }) => id === renaming)
  return (
    <div className="designs">
      <header className="designs-head">
        <div>
          <h1>Model Studio</h1>
          <SyncStatus />
        </div>
        <button
          type="button"
          className="button"
          data-look="bare"
          data-square
          aria-label="App settings"
          onClick={() => openSheet({ name: 'settings' })}
        >
          <Icon name="settings" />
        </button>
      </header>
      <RunPill />
      <main>
        <PackProgress />
        <PairingHint />
        <InstallHint />
        <ReturnedNotice />
        {designs?.length === 0 && <Welcome />}
        {designs && designs.length > 0 && <DesignList designs={designs} />}
        {idle && designs && designs.length > 0 && <TelemetryOffer />}
        <div className="designs-more">
          <button type="button" className="button" data-look="bare" onClick={() => openSheet({ name: 'import' })}>
            <Icon name="link" /> Paste a link
          </button>
          <a className="button" data-look="bare" href={LEADERBOARD}>
            <Icon name="chart" /> Leaderboard
          </a>
          <Transfer count={designs?.length ?? 0} />
          <button type="button" className="button" data-look="bare" onClick={() => openSheet({ name: 'bin' })}>
            <Icon name="bin" /> Bin
          </button>
          <button type="button" className="button" data-look="bare" onClick={() => openSheet({ name: 'help' })}>
            <Icon name="help" /> Help
          </button>
        </div>
        <p className="credit">Canvas by React Flow</p>
      </main>
      <footer className="designs-foot">
        <button type="button" className="button" data-look="primary" onClick={() => openSheet({ name: 'templates' })}>
          <Icon name="add" /> New design
        </button>
      </footer>
      {menuWanted && <LaterCardMenu onRename={setRenaming} />}
      {row && <RenameDialog id={row.id} name={row.work.name} onClose={() => setRenaming(null)} />}
    </div>
  )
}

function Welcome() {
  return (
    <section className="welcome">
      <svg viewBox="0 0 120 132" aria-hidden="true">
        <path d="M60 26v18M60 70v18" />
        {[0, 44, 88].map((y, index) => (
          <rect key={y} data-kind={[0, 2, 3][index]} x="14" y={y + 4} width="92" height="30" rx="8" />
        ))}
      </svg>
      <h2>Draw a network that plays 2048</h2>
      <p>It is checked as you draw, here on the phone, also without a network. Your server trains it.</p>
    </section>
  )
}
