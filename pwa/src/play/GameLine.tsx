/** Which network plays and which game: each opens the sheet to choose another one. */

import { useStore } from 'zustand'
import { networksStore } from '../networks/networks'
import { Icon } from '../ui/Icon'
import { exactly } from '../ui/numbers'
import { choosingStore } from './chosen_network'
import { keptWords } from './network_words'
import { openSheet } from './play_state'

export function GameLine({ seed }: { seed?: number | undefined }) {
  const chosen = useStore(choosingStore, (state) => state.chosen)
  const networks = useStore(networksStore, (state) => state.networks)
  const list = useStore(choosingStore, (state) => state.list)
  const network = networks.find(({ id }) => id === chosen)
  const title = network && keptWords(network, networks, list)
  const moves = network && `${exactly(network.steps)} moves`
  return (
    <div className="game-line">
      <button type="button" onClick={() => openSheet('network')}>
        <span>
          <b>
            <span className="sr-only">Network: </span>
            {title ?? 'Network'}
          </b>
          {moves !== title && <small>after {moves}</small>}
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
