/** The settings in which the compared runs differ. */

import type { Shown } from './CompareScreen'
import { SideBySide } from './SideBySide'
import { settingRows } from './settings_difference'

export function CompareSettings({ shown }: { shown: readonly Shown[] }) {
  const rows = settingRows(shown.map(({ record }) => record.run))
  return (
    <section className="panel" aria-labelledby="compare-settings">
      <h2 id="compare-settings">Settings that differ</h2>
      {rows.length === 0 ? (
        <p className="quiet">All runs have the same settings.</p>
      ) : (
        <SideBySide
          name="Settings that differ between the runs"
          shown={shown}
          rows={rows.map(({ name, title, values }) => ({ key: name, title, values }))}
        />
      )}
    </section>
  )
}
