/** What this app is: its version, and where the licences are. */

import { Row } from './Row'

export const appVersion = typeof __APP_VERSION__ === 'undefined' ? 'development' : __APP_VERSION__

export function About({ onLicences }: { onLicences: () => void }) {
  return (
    <>
      <dl className="settings-facts">
        <div>
          <dt>Model Studio</dt>
          <dd>Version {appVersion}</dd>
        </div>
        <div>
          <dt>Licence</dt>
          <dd>MIT</dd>
        </div>
      </dl>
      <Row icon="code" title="Licences" note="Of the libraries that the app is made of" onOpen={onLicences} />
    </>
  )
}
