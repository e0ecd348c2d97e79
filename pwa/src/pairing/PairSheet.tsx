/** Pairs this phone with the server by a scanned or typed code, or at once by a code in the address. */

import { type FormEvent, useCallback, useEffect, useRef, useState } from 'react'
import { closeSheet } from '../editor/ui_state'
import { sentenceFor } from '../lib/error_sentence'
import { BottomSheet } from '../ui/BottomSheet'
import { Icon } from '../ui/Icon'
import { showToast } from '../ui/toasts'
import { codeIn } from './code'
import { isAppleBrowser, pair, suggestedName } from './pairing'
import './pairing.css'
import { Scanner } from './Scanner'
import { canScan } from './scanner'

const UNREACHABLE = 'The server cannot be reached: check that it runs and that this phone is in its network, then try again.'
const NO_CODE = 'A code has twelve letters and digits.'
const PLACEHOLDER = 'XXXX-XXXX-XXXX'

export function PairSheet({ code: given }: { code?: string }) {
  const [typed, setTyped] = useState(given ?? '')
  const [name, setName] = useState(suggestedName)
  const [scanning, setScanning] = useState(false)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  const [done, setDone] = useState<string>()
  const begun = useRef(false)

  const submit = useCallback(
    async (text: string) => {
      const code = codeIn(text)
      if (!code) return setProblem(NO_CODE)
      if (begun.current) return
      begun.current = true
      setScanning(false)
      setBusy(true)
      setProblem(undefined)
      try {
        const device = await pair(code, name)
        if (isAppleBrowser()) setDone(code)
        else closeSheet()
        showToast(`Paired as ${device.name}`)
      } catch (error) {
        setProblem(sentenceFor(error, { unreachable: UNREACHABLE }))
      }
      begun.current = false
      setBusy(false)
    },
    [name],
  )

  const first = useRef(given)
  useEffect(() => {
    if (first.current) void submit(first.current)
    first.current = undefined
  }, [submit])

  const onScanned = (text: string) => {
    const code = codeIn(text)
    if (!code) return
    setTyped(code)
    void submit(code)
  }
  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    void submit(typed)
  }
  if (done) return <InstallNext code={done} />
  return (
    <BottomSheet
      title="Pair this phone"
      note="Only paired devices can use the server. What you drew here stays here and is sent once the phone is paired."
      onClose={closeSheet}
    >
      <form className="pair-form" onSubmit={onSubmit}>
        {scanning && <Scanner onFound={onScanned} />}
        {canScan() && (
          <button type="button" className="button" aria-pressed={scanning} onClick={() => setScanning(!scanning)}>
            <Icon name="eye" /> {scanning ? 'Stop the camera' : 'Scan the code'}
          </button>
        )}
        <label className="pair-field">
          <span>Pairing code</span>
          <input
            className="pair-code"
            value={typed}
            autoComplete="off"
            autoCapitalize="characters"
            autoCorrect="off"
            spellCheck={false}
            placeholder={PLACEHOLDER}
            aria-describedby="pair-where"
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          <small id="pair-where">
            The server shows it for ten minutes after its start. <code>model-studio devices pair</code> makes a new one.
          </small>
        </label>
        <label className="pair-field">
          <span>Name of this device</span>
          <input value={name} maxLength={60} onChange={(event) => setName(event.currentTarget.value)} />
        </label>
        {problem && (
          <p className="error-notice" role="alert">
            <Icon name="alert" /> {problem}
          </p>
        )}
        <button type="submit" className="button" data-look="primary" disabled={busy}>
          {busy && <span className="spinner" aria-hidden="true" />}
          {busy ? 'Pairing…' : 'Pair'}
        </button>
      </form>
    </BottomSheet>
  )
}

function InstallNext({ code }: { code: string }) {
  return (
    <BottomSheet title="This browser is paired" note="One more step for the Home Screen" onClose={closeSheet}>
      <ol className="steps">
        <li>
          Tap <b>Share</b>, then <b>Add to Home Screen</b>.
        </li>
        <li>Open Model Studio on the Home Screen. It has storage of its own, so it asks for a code once.</li>
        <li>
          Enter the same code: <b className="pair-shown">{code}</b>
        </li>
      </ol>
      <button type="button" className="button" data-look="primary" onClick={closeSheet}>
        Done
      </button>
    </BottomSheet>
  )
}
