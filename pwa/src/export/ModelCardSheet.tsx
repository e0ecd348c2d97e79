/** The model card of a run: an image drawn on the phone, to be shared or saved. */

import { useEffect, useMemo, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { designOfRun } from '../api/export_file'
import { documentStore } from '../document/store'
import { type DrawnHash, hasChangedSince } from '../editor/drawing_changed'
import type { ModelArchitecture } from '../generated/wire'
import { saveFile } from '../lib/save_file'
import { canShare, shareFile } from '../lib/share_file'
import { BottomSheet } from '../ui/BottomSheet'
import { Icon } from '../ui/Icon'
import { type Scheme, schemeNow } from '../ui/theme'
import { showToast } from '../ui/toasts'
import { type Card, cardOf, cardText } from './card'
import { CARD_HEIGHT, CARD_WIDTH, drawCard } from './card_drawing'
import { PALETTES } from './card_palette'
import { fileStem } from './file_name'
import type { OfferedRun } from './offers'
import '../ui/answers.css'
import './card.css'

interface Props {
  run: OfferedRun
  /** of the design */
  name: string
  drawn: DrawnHash
  onClose: () => void
}

const SCHEMES: readonly Scheme[] = ['light', 'dark']
const WORDS: Record<Scheme, string> = { light: 'Light', dark: 'Dark' }

export function ModelCardSheet({ run, name, drawn, onClose }: Props) {
  const [scheme, setScheme] = useState<Scheme>(schemeNow)
  const design = useDesignOfRun(run, drawn)
  const card = useMemo(() => cardOf(run, name, design), [run, name, design])
  const canvas = useRef<HTMLCanvasElement>(null)
  const foot = <CardButtons card={card} scheme={scheme} canvas={canvas} />
  return (
    <BottomSheet title="Model card" note={<span data-no-terms>{name}</span>} full foot={foot} onClose={onClose}>
      <div className="answers card-schemes" role="radiogroup" aria-label="Colours">
        {SCHEMES.map((one) => (
          <label key={one} className="answer">
            <input
              type="radio"
              className="whole-label"
              name="card-scheme"
              checked={one === scheme}
              onChange={() => setScheme(one)}
            />
            <b>{WORDS[one]}</b>
          </label>
        ))}
      </div>
      <CardImage card={card} scheme={scheme} canvas={canvas} />
    </BottomSheet>
  )
}

interface ImageProps {
  card: Card
  scheme: Scheme
  canvas: React.RefObject<HTMLCanvasElement | null>
}

function CardImage({ card, scheme, canvas }: ImageProps) {
  useEffect(() => {
    const context = canvas.current?.getContext('2d')
    if (context) drawCard(context, card, PALETTES[scheme])
  }, [card, scheme, canvas])
  return (
    <canvas ref={canvas} className="card-image" width={CARD_WIDTH} height={CARD_HEIGHT} role="img" aria-label={cardText(card)} />
  )
}

/** The design that the run trains: the drawing where it has not changed since, else what the server kept. */
function useDesignOfRun({ id, designHash, onServer }: OfferedRun, drawn: DrawnHash): ModelArchitecture | null {
  const drawing = useStore(documentStore, (state) => state.design)
  const [kept, setKept] = useState<ModelArchitecture | null>(null)
  const isDrawing = hasChangedSince(designHash, drawn) === false
  useEffect(() => {
    if (isDrawing || !onServer) return
    let left = false
    // without it the card is complete but for the drawing, and says so
    designOfRun(id).then(
      (design) => !left && setKept(design),
      () => {},
    )
    return () => {
      left = true
    }
  }, [id, isDrawing, onServer])
  return isDrawing ? drawing : kept
}

function CardButtons({ card, scheme, canvas }: ImageProps) {
  const name = `${fileStem(card.name)}-model-card.png`
  const shares = useMemo(() => canShare(new File([''], name, { type: 'image/png' })), [name])
  const [refused, setRefused] = useState(false)
  const image = async (): Promise<File | null> => {
    const blob = await new Promise<Blob | null>((resolve) => {
      if (canvas.current) canvas.current.toBlob(resolve, 'image/png')
      else resolve(null)
    })
    if (!blob) showToast('This phone could not draw the image.', { tone: 'bad' })
    return blob && new File([blob], name, { type: 'image/png' })
  }
  const save = async () => {
    const file = await image()
    if (file) saveFile(file, name)
  }
  const share = async () => {
    const file = await image()
    if (!file) return
    const outcome = await shareFile(file, cardText(card))
    if (outcome !== 'refused') return
    setRefused(true)
    saveFile(file, name)
    showToast('This browser does not share images, so the card was saved.')
  }
  return (
    <div className="export-buttons" data-scheme={scheme}>
      {shares && !refused && (
        <button type="button" className="button" onClick={() => void share()}>
          <Icon name="share" /> Share
        </button>
      )}
      <button type="button" className="button" data-look="primary" onClick={() => void save()}>
        <Icon name="save" /> Save image
      </button>
    </div>
  )
}
