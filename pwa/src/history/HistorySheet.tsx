/** The history of a design: its conflicts and its versions. */

import { useCallback, useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { documentStore } from '../document/store'
import { closeSheet } from '../editor/ui_state'
import type { ModelArchitecture } from '../generated/wire'
import { conflictsOf, type DesignConflict } from '../storage/conflicts'
import { onDesignsChanged } from '../storage/designs'
import { BottomSheet } from '../ui/BottomSheet'
import { Icon } from '../ui/Icon'
import { plural } from '../ui/numbers'
import { momentOf } from '../ui/times'
import { ConflictList } from './Conflicts'
import { VersionPreview } from './VersionPreview'
import { loadVersions, presentDocument, titleOf, type Version, type Versions } from './versions'
import './history.css'

export function HistorySheet({ id }: { id: string }) {
  const [chosen, setChosen] = useState<Version | null>(null)
  const [versions, reload, readMore] = useVersions(id)
  const { design, conflicts } = useConflicts(id)
  if (chosen) {
    return (
      <BottomSheet title={titleOf(chosen)} note={noteOf(chosen)} onClose={closeSheet}>
        <VersionPreview designId={id} version={chosen} onBack={() => setChosen(null)} onChanged={() => void reload()} />
      </BottomSheet>
    )
  }
  return (
    <BottomSheet title="History" note={<span data-no-terms>{design?.name}</span>} onClose={closeSheet}>
      {design && <Conflicts conflicts={conflicts} design={design} />}
      {versions?.trouble && (
        <p className="history-trouble" role="status">
          <Icon name="offline" /> {versions.trouble}
        </p>
      )}
      {!versions && <span className="spinner" role="status" aria-label="Loading" />}
      <ul className="versions" aria-label="Versions">
        {versions?.list.map((version) => (
          <li key={version.key}>
            <button
              type="button"
              className="version"
              data-current={version.current || undefined}
              disabled={versions.trouble !== undefined && !version.document}
              onClick={() => setChosen(version)}
            >
              <b>{titleOf(version)}</b>
              <span>{version.change || (version.current ? 'As it is now' : 'Change not known')}</span>
              <small>{noteOf(version)}</small>
            </button>
          </li>
        ))}
      </ul>
      {versions?.more && (
        <button type="button" className="button older-versions" onClick={() => void readMore()}>
          Older versions
        </button>
      )}
    </BottomSheet>
  )
}

/** Those that wait for a decision, and folded away those that somebody has decided. */
function Conflicts({ conflicts, design }: { conflicts: DesignConflict[]; design: ModelArchitecture }) {
  const open = conflicts.filter(({ resolved }) => !resolved)
  const decided = conflicts.filter(({ resolved }) => resolved)
  return (
    <>
      {open.length > 0 && (
        <section className="history-conflicts" aria-label="Conflicts">
          <h3 className="version-heading">Changed on two devices</h3>
          <ConflictList conflicts={open} design={design} />
        </section>
      )}
      {decided.length > 0 && (
        <details className="decided">
          <summary>{plural(decided.length, 'decided conflict')}</summary>
          <ConflictList conflicts={decided} design={design} asRecord />
        </details>
      )}
    </>
  )
}

/** What the title leaves out: time where it has a name, device, and whether it is the present one. */
const noteOf = (version: Version): string =>
  [version.name && version.at && momentOf(version.at), version.device, version.current && 'now'].filter(Boolean).join(' · ')

function useVersions(id: string): [Versions | undefined, () => Promise<void>, () => Promise<void>] {
  const [versions, setVersions] = useState<Versions>()
  const reload = useCallback(async () => setVersions(await loadVersions(id)), [id])
  useEffect(() => {
    let left = false
    const read = () => void loadVersions(id).then((found) => !left && setVersions(found))
    read()
    const stop = onDesignsChanged((ids) => ids.includes(id) && read())
    return () => {
      left = true
      stop()
    }
  }, [id])
  const readMore = async () => {
    const older = await loadVersions(id, versions?.list.at(-1))
    setVersions((now) => now && { ...older, list: [...now.list, ...older.list] })
  }
  return [versions, reload, readMore]
}

function useConflicts(id: string): { design: ModelArchitecture | undefined; conflicts: DesignConflict[] } {
  const open = useStore(documentStore, (state) => (state.design?.id === id ? state.design : undefined))
  const [found, setFound] = useState<{ design?: ModelArchitecture; conflicts: DesignConflict[] }>({ conflicts: [] })
  useEffect(() => {
    let left = false
    const read = async () => {
      const [design, conflicts] = await Promise.all([presentDocument(id), conflictsOf(id)])
      if (!left) setFound({ conflicts, ...(design && { design }) })
    }
    void read()
    const stop = onDesignsChanged((ids) => ids.includes(id) && void read())
    return () => {
      left = true
      stop()
    }
  }, [id])
  return { design: open ?? found.design, conflicts: found.conflicts }
}
