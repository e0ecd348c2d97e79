/** Which network plays and which game: each opens the sheet to choose another one. */

import { useStore } from 'zustand'
import { networksStore } from '../networks/networks'
import { Icon } from '../ui/Icon'
import { exactly } from '../ui/numbers'
import { choosingStore } from './chosen_network'
import { checkpointWords } from './network_words'
import { openSheet } from './play_state'

export function GameLine({ seed }: { seed?: number | undefined }) {
  const chosen = useStore(choosingStore, (state) => state.chosen)
  const network = useStore(networksStore, ({ networks }) => networks.find(({ id }) => id === chosen))
  return (
    <div className="game-line">
      <button type="button" onClick={() => openSheet('network')}>
        <span>
          <b>
            <span className="sr-only">Network: </span>
            {network ? checkpointWords(network) : 'Network'}
          </b>
          {network && <small>after {exactly(network.steps)} moves</small>}
        </span>
        <Icon name="unfold" />
      </button>
      {seed !== undefined && (
        <button type="button" onClick={() => openSheet('game')}>
          <span>
            <b>
              <span className="sr-only">Game with seed </span>
              <span aria-hidden="true">Seed</span>
            </b>
            <small>{seed}</small>
          </span>
          <Icon name="unfold" />
        </button>
      )}
    </div>
  )
}
