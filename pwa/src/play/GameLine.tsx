/** Which network plays and which game: each opens the sheet to choose another one. */

import { useStore } from 'zustand'
import { networkId, networksStore, sizeOf } from '../networks/networks'
import { Icon } from '../ui/Icon'
import { byteWords, exactly } from '../ui/numbers'
import { choose, choosingStore, fetchAndPlay, newerOffer } from './chosen_network'
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
      <NewerNetwork />
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

/** The best network of the newest run, where another one plays that has learned less. */
function NewerNetwork() {
  const { chosen, list, unreachable } = useStore(choosingStore)
  const networks = useStore(networksStore, (state) => state.networks)
  const network = networks.find(({ id }) => id === chosen)
  const newer = network && newerOffer(list, network)
  if (!newer) return null
  const id = networkId(newer.run.run_id, newer.checkpoint.steps)
  const isKept = networks.some((each) => each.id === id)
  if (!isKept && unreachable) return null
  const take = () => (isKept ? choose(id) : void fetchAndPlay(newer))
  return (
    <button type="button" className="newer-network" onClick={take}>
      <span>
        <b>Newer network</b>
        <small>after {exactly(newer.checkpoint.steps)} moves</small>
      </span>
      <b>{isKept ? 'Play it' : `Fetch ${byteWords(sizeOf(newer.run, newer.checkpoint))}`}</b>
    </button>
  )
}
