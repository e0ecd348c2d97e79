/** The settings of the app: colours, storage, server, help, about. Those of a design are in the design's own sheet. */

import { type ReactNode, useState } from 'react'
import { closeSheet, openSheet } from '../editor/ui_state'
import { BinSheet } from '../history/BinSheet'
import { BackgroundFetch, OnThisPhone } from '../networks_screen/OnThisPhone'
import { NotificationSetting } from '../notifications/NotificationSetting'
import { DevicesSheet, MoveSheet } from '../pairing/sheets'
import { SyncSheet } from '../platform/SyncSheet'
import { RecordedSheet } from '../telemetry/RecordedSheet'
import { TelemetrySection } from '../telemetry/TelemetrySection'
import { BottomSheet } from '../ui/BottomSheet'
import { About } from './About'
import { Licences } from './Licences'
import { Row } from './Row'
import { ServerSection } from './ServerSection'
import { StorageUse } from './StorageUse'
import './settings.css'
import { ThemeChoice } from './ThemeChoice'

type Inner = 'sync' | 'devices' | 'move' | 'phone' | 'bin' | 'recorded' | 'licences'

export function SettingsSheet() {
  const [inner, setInner] = useState<Inner | null>(null)
  const close = () => setInner(null)
  return (
    <BottomSheet title="App settings" full onClose={closeSheet}>
      <div className="settings">
        <Section title="Appearance">
          <ThemeChoice />
        </Section>
        <Section title="Server">
          <ServerSection onDetails={() => setInner('sync')} />
          <Row
            icon="phone"
            title="Devices"
            note="Who can use the server, and what they changed"
            onOpen={() => setInner('devices')}
          />
          <Row
            icon="arrow_right"
            title="Move to another address"
            note="Take your designs along"
            onOpen={() => setInner('move')}
          />
        </Section>
        <Section title="Notifications">
          <NotificationSetting />
        </Section>
        <Section title="Storage on this phone">
          <StorageUse onNetworks={() => setInner('phone')} />
        </Section>
        <div className="settings-fetch">
          <BackgroundFetch />
        </div>
        <Section title="Designs">
          <Row icon="bin" title="Bin" note="Removed designs, to restore or to remove for good" onOpen={() => setInner('bin')} />
          <Row
            icon="link"
            title="Import a design"
            note="From a link, a text or a file"
            onOpen={() => openSheet({ name: 'import' })}
          />
        </Section>
        <Section title="Telemetry">
          <TelemetrySection />
          <Row
            icon="history"
            title="What was recorded"
            note="On this phone and on the server; see it or delete it"
            onOpen={() => setInner('recorded')}
          />
        </Section>
        <Section title="Help and about">
          <Row icon="help" title="Help" onOpen={() => openSheet({ name: 'help' })} />
          <About onLicences={() => setInner('licences')} />
        </Section>
      </div>
      {inner === 'sync' && <SyncSheet onClose={close} />}
      {inner === 'devices' && <DevicesSheet onClose={close} />}
      {inner === 'move' && <MoveSheet onClose={close} />}
      {inner === 'phone' && (
        <BottomSheet title="On this phone" onClose={close}>
          <OnThisPhone />
        </BottomSheet>
      )}
      {inner === 'bin' && <BinSheet onClose={close} />}
      {inner === 'recorded' && <RecordedSheet onClose={close} />}
      {inner === 'licences' && <Licences onClose={close} />}
    </BottomSheet>
  )
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      {children}
    </section>
  )
}
