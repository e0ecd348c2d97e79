/** The libraries of the app with their licences. */

import { useState } from 'react'
import { BottomSheet } from '../ui/BottomSheet'
import { LIBRARIES, readTexts } from './licences'

const UNREACHABLE = 'The texts are on the server, which cannot be reached now.'

const showFromItsTop = (element: HTMLElement | null): void => element?.scrollIntoView?.({ block: 'start' })

export function Licences({ onClose }: { onClose: () => void }) {
  const [texts, setTexts] = useState<string | undefined>()
  const show = (): void => {
    readTexts().then(setTexts, () => setTexts(UNREACHABLE))
  }
  return (
    <BottomSheet title="Licences" note="Model Studio is made of these libraries." onClose={onClose}>
      <ul className="storage-parts" data-no-terms>
        {LIBRARIES.map(({ name, licence }) => (
          <li key={name}>
            <span>{name}</span>
            <span>{licence}</span>
          </li>
        ))}
      </ul>
      {texts === undefined ? (
        <button type="button" className="button licence-show" onClick={show}>
          Show the texts
        </button>
      ) : (
        <pre className="licence-texts" data-no-terms ref={showFromItsTop}>
          {texts}
        </pre>
      )}
    </BottomSheet>
  )
}
