/** Shares a design: as a link with its QR code, or as a file. */

import { useEffect, useState } from 'react'
import { closeSheet } from '../editor/ui_state'
import type { ModelArchitecture } from '../generated/wire'
import { BottomSheet } from '../ui/BottomSheet'
import { Icon } from '../ui/Icon'
import { byteWords } from '../ui/numbers'
import { showToast } from '../ui/toasts'
import { canLink, LONG_LINK_BYTES, linkOf, MAX_QR_BYTES } from './link'
import { QrCode } from './QrCode'
import { canShareLinks, copyText, designToShare, fileOf, isReachable, sendFile, shareableFile, shareLink } from './share_design'
import './sharing.css'

const MISSING = 'This design is not on this phone any more.'

export function ShareSheet({ id }: { id: string }) {
  const [design, setDesign] = useState<ModelArchitecture | null>()
  useEffect(() => {
    let left = false
    designToShare(id).then(
      (found) => left || setDesign(found),
      () => left || setDesign(null),
    )
    return () => {
      left = true
    }
  }, [id])
  return (
    <BottomSheet title="Share" note={<span data-no-terms>{design?.name}</span>} onClose={closeSheet}>
      {design === null && <p className="error-notice sharing-error">{MISSING}</p>}
      {design && canLink() && <Link design={design} />}
      {design && <AsFile design={design} />}
    </BottomSheet>
  )
}

function Link({ design }: { design: ModelArchitecture }) {
  const [link, setLink] = useState<string>()
  useEffect(() => {
    let left = false
    void linkOf(design, location.origin).then((made) => left || setLink(made))
    return () => {
      left = true
    }
  }, [design])
  if (link === undefined) return null
  const copy = async () => {
    if (await copyText(link)) showToast('Link copied')
    else showToast('The browser did not let the link be copied. Select it in the field and copy it there.', { tone: 'bad' })
  }
  const share = async () => {
    if (!(await shareLink(design.name, link)))
      showToast('The browser could not share this link. Copy it instead.', { tone: 'bad' })
  }
  return (
    <section className="share-part" aria-label="Link">
      {link.length <= MAX_QR_BYTES ? (
        <QrCode text={link} label={`QR code of the link to ${design.name}`} />
      ) : (
        <p className="quiet">This design is too large for a QR code ({byteWords(link.length)}). Send its link or its file.</p>
      )}
      <label className="share-link">
        <span>
          Link <small>{byteWords(link.length)}</small>
        </span>
        <input type="text" readOnly value={link} onFocus={(event) => event.currentTarget.select()} />
      </label>
      <p className="quiet">{linkWords(link)}</p>
      <div className="share-buttons">
        <button type="button" className="button" data-look="primary" onClick={() => void copy()}>
          <Icon name="copy" /> Copy link
        </button>
        {canShareLinks() && (
          <button type="button" className="button" onClick={() => void share()}>
            <Icon name="share" /> Share link
          </button>
        )}
      </div>
    </section>
  )
}

/** What a person has to know about a link. */
function linkWords(link: string): string {
  if (link.length > LONG_LINK_BYTES) return 'Some apps cut links of this length. If it does not arrive whole, send the file.'
  if (!isReachable(link))
    return 'The whole design is in the link. Its address leads to this device alone: on another one, copy it and tap “Paste a link” in Model Studio.'
  return 'The whole design is in the link: it opens in Model Studio without a server, and can be pasted there whatever its address.'
}

function AsFile({ design }: { design: ModelArchitecture }) {
  const shares = shareableFile(design) !== undefined
  const send = async () => {
    const outcome = await sendFile(design)
    if (outcome === 'saved') showToast(`Saved ${fileOf(design).name}`)
    if (outcome === 'needs-tap') showToast('Tap “Share file” once more.')
  }
  return (
    <section className="share-part" aria-label="File">
      <button type="button" className="button" onClick={() => void send()}>
        <Icon name={shares ? 'share' : 'save'} /> {shares ? 'Share file' : 'Save file'}
        <small>{byteWords(fileOf(design).size)}</small>
      </button>
    </section>
  )
}
