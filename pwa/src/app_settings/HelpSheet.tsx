/** Help: what can be looked up in the app. */

import { closeSheet } from '../editor/ui_state'
import { BottomSheet } from '../ui/BottomSheet'

const TOPICS = [
  {
    title: 'Draw',
    text: 'Tap + to add a block where it fits best. Tap a block to change it, hold it to select several, drag from its handle to connect it.',
  },
  {
    title: 'Check',
    text: 'Every change is checked on this phone. Tap a problem to see where it is; many have a button that mends them.',
  },
  {
    title: 'Train',
    text: 'Tap Train: the server plays games of 2048 with your network and lets it learn. The score is shown while it learns.',
  },
  {
    title: 'Play and export',
    text: 'Play shows how the trained network plays, also without a connection. Export saves it as a file.',
  },
  {
    title: 'Share',
    text: 'Share a design as a link, a QR code or a file. The whole design is in the link, so no server is needed.',
  },
]

const KEYS: readonly [keys: string, what: string][] = [
  ['Ctrl Z', 'undo'],
  ['Ctrl Shift Z', 'redo'],
  ['Delete', 'delete what is selected'],
  ['Escape', 'close what is open'],
]

export function HelpSheet() {
  return (
    <BottomSheet title="Help" onClose={closeSheet}>
      <div className="help">
        {TOPICS.map(({ title, text }) => (
          <section key={title} aria-label={title}>
            <h3>{title}</h3>
            <p>{text}</p>
          </section>
        ))}
        <section aria-label="Keys">
          <h3>Keys</h3>
          <dl className="settings-facts">
            {KEYS.map(([keys, what]) => (
              <div key={keys}>
                <dt>{what}</dt>
                <dd>{keys}</dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
    </BottomSheet>
  )
}
