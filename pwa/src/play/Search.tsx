/** The search depth before a move: the control that sets it, and the label that shows it. */

import { useEffect } from 'react'
import { useStore } from 'zustand'
import { playerStore, setSearch, testStore } from '../player/player'
import { SEARCH_DEPTHS, type SearchDepth } from '../player/types'
import { playStore } from './play_state'
import { SEARCH_WORDS } from './search_words'
import './search.css'

/** The player looks as far ahead as the person chose, from when Play is opened, also while the game goes on elsewhere. */
export function useSearch(): void {
  const depth = useStore(playStore, (state) => state.search)
  useEffect(() => setSearch(depth), [depth])
}

function choose(text: string): void {
  const search = SEARCH_DEPTHS.find((depth) => String(depth) === text)
  if (search !== undefined) playStore.setState({ search })
}

/** The choice; without one where the network cannot search, and while test games are played. */
export function SearchChoice({ mode }: { mode?: 'test' }) {
  const search = useStore(playStore, (state) => state.search)
  const network = useStore(playerStore, (state) => state.network)
  const testing = useStore(testStore, (state) => state.running) && mode === 'test'
  const unable = network !== null && !network.searches
  return (
    <div className="search-line">
      <label>
        Search
        <select
          value={unable ? 0 : search}
          disabled={unable || testing}
          aria-describedby="search-help"
          onChange={({ target }) => choose(target.value)}
        >
          {SEARCH_DEPTHS.map((depth) => (
            <option key={depth} value={depth}>
              {SEARCH_WORDS[depth]}
            </option>
          ))}
        </select>
      </label>
      <small id="search-help">{unable ? UNABLE : testing ? TESTING : HELP}</small>
    </div>
  )
}

const HELP = 'With search it plays better, and takes longer.'
const TESTING = 'It can be changed when these games are over.'
const UNABLE = 'Not for this network: it was not trained to value the boards after moves.'

/** The label below a score or a move that came by search; nothing without search. */
export function SearchLabel({ label }: { label: string | null }) {
  return label ? <p className="search-label">{label}</p> : null
}

/** How far the network looks ahead now: 0 where it cannot. */
export function useDepth(): SearchDepth {
  const search = useStore(playStore, (state) => state.search)
  const searches = useStore(playerStore, (state) => state.network?.searches ?? false)
  return searches ? search : 0
}
