/** Imports a shared design: reads it, shows a preview, and stores it only when the person keeps it. */

import { type ChangeEvent, type FormEvent, useEffect, useRef, useState } from 'react'
import { openFiles, sentenceForOpened, textOf } from '../designs/open_files'
import '../designs/open-file.css'
import { closeSheet } from '../editor/ui_state'
import { PackProgress } from '../platform/PackProgress'
import { BottomSheet } from '../ui/BottomSheet'
import { Icon } from '../ui/Icon'
import { showToast } from '../ui/toasts'
import { Preview } from './Preview'
import { type Received, type Refusal, received } from './received'
import './sharing.css'

export function ImportSheet({ source }: { source?: string }) {
  const [text, setText] = useState(source)
  const found = useReceived(text)
  const again = () => setText(undefined)
  if (text === undefined) return <Ask onText={setText} />
  if (found?.kind === 'one') return <Preview found={found} onOther={again} />
  return (
    <BottomSheet title="Import a design" onClose={closeSheet}>
      {found === undefined && <Checking />}
      {found?.kind === 'refused' && <Refused found={found} onRepaired={setText} onOther={again} />}
      {found?.kind === 'several' && <Several names={found.names} json={found.json} />}
    </BottomSheet>
  )
}

/** What a text holds; undefined while it is being read. */
function useReceived(text: string | undefined): Received | undefined {
  const [found, setFound] = useState<{ text: string; is: Received }>()
  useEffect(() => {
    if (text === undefined) return
    let left = false
    void received(text).then((is) => left || setFound({ text, is }))
    return () => {
      left = true
    }
  }, [text])
  return found !== undefined && found.text === text ? found.is : undefined
}

function Checking() {
  return (
    <div className="import-checking">
      <p role="status" aria-label="Import">
        <span className="spinner" aria-hidden="true" /> Checking the design…
      </p>
      <PackProgress />
    </div>
  )
}

interface RefusedProps {
  found: Refusal
  onRepaired: (text: string) => void
  onOther: () => void
}

function Refused({ found: { why, repaired }, onRepaired, onOther }: RefusedProps) {
  return (
    <>
      <p className="error-notice sharing-error" role="alert">
        <Icon name="alert" /> <span>{why}</span>
      </p>
      <div className="share-buttons">
        {repaired && (
          <button type="button" className="button" data-look="primary" onClick={() => onRepaired(repaired.text)}>
            {repaired.label}
          </button>
        )}
        <button type="button" className="button" onClick={onOther}>
          Try another
        </button>
      </div>
    </>
  )
}

const SHOWN = 12

function Several({ names, json }: { names: string[]; json: string }) {
  const [busy, setBusy] = useState(false)
  const keep = async () => {
    setBusy(true)
    const file = { name: 'the file', size: json.length, text: async () => json }
    const result = await openFiles([file])
    closeSheet()
    showToast(sentenceForOpened(result), { tone: result.refused.length > 0 ? 'bad' : 'plain' })
  }
  return (
    <>
      <p>It holds {names.length} designs. Each one is checked before it is kept.</p>
      <ul className="import-names">
        {names.slice(0, SHOWN).map((name, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: names may repeat, and the list never changes
          <li key={index}>{name}</li>
        ))}
        {names.length > SHOWN && <li className="quiet">and {names.length - SHOWN} more</li>}
      </ul>
      <div className="share-buttons">
        <button type="button" className="button" data-look="primary" disabled={busy} aria-busy={busy} onClick={() => void keep()}>
          {busy ? <span className="spinner" aria-hidden="true" /> : <Icon name="enter" />} Import all
        </button>
      </div>
    </>
  )
}

/** Asks for a link, a text or a file. */
function Ask({ onText }: { onText: (text: string) => void }) {
  const [typed, setTyped] = useState('')
  const field = useRef<HTMLTextAreaElement>(null)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (typed.trim()) onText(typed)
  }
  const paste = async () => {
    try {
      const text = await navigator.clipboard.readText()
      if (text.trim()) onText(text)
      else showToast('The clipboard is empty')
    } catch {
      field.current?.focus()
      showToast('The browser did not let the clipboard be read. Paste it into the field.')
    }
  }
  const read = async ({ currentTarget: input }: ChangeEvent<HTMLInputElement>) => {
    const [file] = input.files ?? []
    if (!file) return
    try {
      onText(await textOf(file))
    } catch (error) {
      showToast(`${file.name}: ${error instanceof Error ? error.message : 'it could not be read'}`, { tone: 'bad' })
    }
  }
  return (
    <BottomSheet title="Import a design" note="You see it before it is kept." focus={field} onClose={closeSheet}>
      <form className="import-form" onSubmit={submit}>
        <label htmlFor="import-text">A link to a design, or its text</label>
        <textarea
          id="import-text"
          ref={field}
          rows={4}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        <div className="share-buttons">
          <button type="submit" className="button" data-look="primary" disabled={typed.trim() === ''}>
            Show it
          </button>
          {typeof navigator.clipboard?.readText === 'function' && (
            <button type="button" className="button" onClick={() => void paste()}>
              <Icon name="copy" /> Paste
            </button>
          )}
          <label className="button import-file">
            <Icon name="enter" /> From a file
            <input
              type="file"
              className="sr-only"
              accept=".json,.txt,application/json,text/plain"
              onChange={(event) => void read(event)}
            />
          </label>
        </div>
      </form>
    </BottomSheet>
  )
}
