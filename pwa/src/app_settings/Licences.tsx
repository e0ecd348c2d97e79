/** The libraries of the app with their licences. */

import { BottomSheet } from '../ui/BottomSheet'
import { LIBRARIES } from './licences'

export function Licences({ onClose }: { onClose: () => void }) {
  return (
    <BottomSheet title="Licences" note="Model Studio is made of these libraries." onClose={onClose}>
      <ul className="storage-parts">
        {LIBRARIES.map(({ name, licence }) => (
          <li key={name}>
            <span>{name}</span>
            <span>{licence}</span>
          </li>
        ))}
      </ul>
    </BottomSheet>
  )
}
