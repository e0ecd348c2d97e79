/** Help: the first steps once more, the words on the screen, and every technical word with its meaning. */

import { useState } from 'react'
import { closeSheet } from '../editor/ui_state'
import { BottomSheet } from '../ui/BottomSheet'
import { Icon } from '../ui/Icon'
import { plural } from '../ui/numbers'
import { SearchField } from '../ui/SearchField'
import { repeatCoach } from './coach'
import { type Entry, entries } from './glossary'
import './help.css'
import { entriesOnScreen } from './screen_terms'

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
  {
    title: 'Keys',
    text: 'Ctrl Z undoes, Ctrl Shift Z redoes, Delete deletes what is selected, Escape closes what is open.',
  },
]

export function HelpSheet() {
  const [typed, setTyped] = useState('')
  const [onScreen] = useState(() => entriesOnScreen('.bottom-sheet, .term-card'))
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean)
  const found = entries.filter(({ name, text }) => words.every((word) => `${name} ${text}`.toLowerCase().includes(word)))
  const repeat = () => {
    repeatCoach()
    closeSheet()
  }
  return (
    <BottomSheet title="Help" note="Tap a word with a dotted line on any screen to see what it means." full onClose={closeSheet}>
      <button type="button" className="button help-steps" onClick={repeat}>
        <Icon name="restart" /> Show the first steps again
      </button>
      <details className="help-topics">
        <summary>How it works</summary>
        <dl className="help-words">
          {TOPICS.map(({ title, text }) => (
            <div key={title}>
              <dt data-no-terms>{title}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
      </details>
      {onScreen.length > 0 && words.length === 0 && <Words title="Words on this screen" entries={onScreen} />}
      <SearchField sticky label="Find a word" value={typed} onType={setTyped} />
      <p className="sr-only" role="status">
        {words.length > 0 && plural(found.length, 'word')}
      </p>
      <Words title={words.length > 0 ? plural(found.length, 'word') : 'All words'} entries={found} />
    </BottomSheet>
  )
}

function Words({ title, entries }: { title: string; entries: readonly Entry[] }) {
  return (
    <section aria-label={title}>
      <h3 className="sheet-heading">{title}</h3>
      <dl className="help-words">
        {entries.map(({ key, name, text }) => (
          <div key={key}>
            <dt data-no-terms>{name}</dt>
            <dd data-no-terms>{text}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
