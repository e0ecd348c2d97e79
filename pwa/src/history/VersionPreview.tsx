/** One version: what it looks like, how it differs from the design of now, and what can be done with it. */

import { type FormEvent, useEffect, useState } from 'react'
import { nameRevision, unnameRevision } from '../api/history'
import { offerUndo } from '../editor/actions'
import { closeSheet } from '../editor/ui_state'
import { NameField } from '../fields/NameField'
import type { DesignDifference, ModelArchitecture } from '../generated/wire'
import { sentenceFor } from '../lib/error_sentence'
import { useDismissableLayer } from '../navigation/useDismissableLayer'
import { difference } from '../python/client'
import { Icon } from '../ui/Icon'
import { showToast } from '../ui/toasts'
import { DifferenceLines } from './DifferenceLines'
import { Drawing } from './Drawing'
import { linesOf } from './difference_marks'
import { documentOfVersion, presentDocument, restoreVersion, titleOf, type Version } from './versions'

interface Props {
  designId: string
  version: Version
  onBack: () => void
  /** called when the list is no longer what was read */
  onChanged: () => void
}

interface Shown {
  document?: ModelArchitecture
  compared?: { with: ModelArchitecture; difference: DesignDifference }
  trouble?: string
}

const NOT_HERE = 'This version is on the server, which cannot be reached.'

export function VersionPreview({ designId, version, onBack, onChanged }: Props) {
  useDismissableLayer(onBack)
  const shown = useDocument(designId, version)
  const [trouble, setTrouble] = useState<string>()
  const restore = async (document: ModelArchitecture) => {
    try {
      const undoable = await restoreVersion(designId, document)
      closeSheet()
      const summary = `Restored ${version.name ? `“${version.name}”` : `the version of ${titleOf(version)}`}`
      if (undoable) offerUndo(summary, 'restore')
      else showToast(summary)
    } catch (error) {
      setTrouble(sentenceFor(error))
    }
  }
  const problem = trouble ?? shown.trouble
  return (
    <div className="version-preview">
      <button type="button" className="button back-to-versions" data-look="bare" onClick={onBack}>
        <Icon name="back" /> All versions
      </button>
      {problem && (
        <p className="history-trouble" role="alert">
          {problem}
        </p>
      )}
      {!shown.document && !problem && <span className="spinner" role="status" aria-label="Loading" />}
      {shown.document && <Drawing version={shown.document} compared={shown.compared} />}
      {shown.compared && !version.current && (
        <DifferenceLines
          title="Compared with now"
          none="The same as the design now."
          lines={linesOf(shown.compared.difference)}
        />
      )}
      {shown.document && !shown.compared && !version.current && (
        <p className="quiet">What differs can be shown once Python has started on this phone.</p>
      )}
      {version.etag !== undefined && (
        <VersionName designId={designId} version={version} onChanged={onChanged} onTrouble={setTrouble} />
      )}
      {!version.current && (
        <button
          type="button"
          className="button"
          data-look="primary"
          disabled={!shown.document}
          onClick={() => shown.document && void restore(shown.document)}
        >
          <Icon name="undo" /> Restore this version
        </button>
      )}
    </div>
  )
}

/** The document of a version, and then its difference from the design of now. */
function useDocument(designId: string, version: Version): Shown {
  const [shown, setShown] = useState<Shown>({})
  useEffect(() => {
    let left = false
    const read = async () => {
      const document = await documentOfVersion(designId, version)
      if (left) return
      setShown({ document })
      const now = await presentDocument(designId)
      if (!now) return
      const found = await difference(JSON.stringify(now), JSON.stringify(document)).catch(() => undefined)
      if (!left && found) setShown({ document, compared: { with: now, difference: found } })
    }
    read().catch((error) => !left && setShown({ trouble: sentenceFor(error, { unreachable: NOT_HERE }) }))
    return () => {
      left = true
    }
  }, [designId, version])
  return shown
}

interface NameProps {
  designId: string
  version: Version
  onChanged: () => void
  onTrouble: (trouble: string | undefined) => void
}

const NAMES_ARE_THERE = 'Names of versions are kept on the server, which cannot be reached.'

/** The name of a version: such a version is never thinned out. */
function VersionName({ designId, version: { etag = '', name }, onChanged, onTrouble }: NameProps) {
  const [typed, setTyped] = useState<string | null>(null)
  const [now, setNow] = useState(name)
  const save = async (event: FormEvent) => {
    event.preventDefault()
    const wanted = typed?.trim() ?? ''
    try {
      if (wanted) await nameRevision(designId, etag, wanted)
      else if (now) await unnameRevision(designId, etag)
      setNow(wanted)
      setTyped(null)
      onTrouble(undefined)
      onChanged()
    } catch (error) {
      onTrouble(sentenceFor(error, { unreachable: NAMES_ARE_THERE }))
    }
  }
  if (typed === null) {
    return (
      <button type="button" className="button" onClick={() => setTyped(now)}>
        <Icon name="edit" /> {now ? `Named “${now}”` : 'Name this version'}
      </button>
    )
  }
  return (
    <form className="version-name" onSubmit={(event) => void save(event)}>
      <NameField value={typed} onType={setTyped} />
      <button type="submit" className="button" data-look="primary">
        Save
      </button>
    </form>
  )
}
