/** Race: the person and the network play the same seed, with both scores side by side. */

import { useEffect } from 'react'
import { useStore } from 'zustand'
import { BoardView } from '../dashboard/BoardView'
import { documentStore } from '../document/store'
import { raceStore } from '../player/player'
import type { Position } from '../player/types'
import { Icon } from '../ui/Icon'
import { exactly } from '../ui/numbers'
import { useReducedMotion } from '../ui/useMedia'
import { Announcement } from './Announcement'
import { Board } from './Board'
import { Control, ControlBar, MoveButtons } from './Controls'
import { GameLine } from './GameLine'
import { EMPTY_BOARD } from './Inside'
import { noteScore, randomSeed } from './play_state'
import { followRace, raceHand, resultText, standing } from './race_game'
import { largestOf } from './Scores'
import { SearchChoice } from './Search'
import { bestKey, searchLabel } from './search_words'
import { shareText } from './share'
import { useArrowKeys, useSwipes } from './usePressed'
import { SLIDE_MS } from './Watch'
import './race.css'

export function Race({ designId }: { designId: string }) {
  const { position, over, trouble } = useStore(raceHand.store)
  const network = useStore(raceStore)
  const swipes = useSwipes(raceHand.press)
  const reduced = useReducedMotion()
  useArrowKeys(raceHand.press)
  useEffect(() => void raceHand.open(randomSeed()), [])
  useEffect(followRace, [])
  const networkScore = network.over ? (network.position?.state.score ?? 0) : 0
  const label = searchLabel(network.searched)
  useEffect(() => noteScore(networkScore, bestKey(designId, label)), [networkScore, designId, label])
  const isOver = over && network.over && network.index === network.length
  const words = position && network.position ? wordsOf(position, network.position, over, network.over, label) : ''
  return (
    <>
      <div className="play-body">
        <div className="race-scores">
          <Side name="You" position={position} />
          <Side name="Network" position={network.position} label={label} />
          <BoardView cells={network.position?.state.board ?? EMPTY_BOARD} label="Board of the network" />
        </div>
        <p className="race-standing">{isOver ? '' : words}</p>
        <div className="board-place" data-swiped {...swipes}>
          <Board
            board={position?.state.board ?? EMPTY_BOARD}
            move={position?.move ?? null}
            slideMs={reduced ? undefined : SLIDE_MS}
            name="Your board"
          />
          {isOver && position && network.position ? (
            <Result person={position} network={network.position} label={label} />
          ) : (
            over && <p className="board-note">Your game is over. The network plays on.</p>
          )}
        </div>
        {trouble && <p className="quiet">{trouble}</p>}
        <SearchChoice />
        <GameLine seed={position?.state.seed} />
      </div>
      <ControlBar name="Your moves">
        <Control icon="restart" label="New race" onClick={() => void raceHand.start(randomSeed())} />
        <MoveButtons legal={position?.state.legal ?? []} onPress={raceHand.press} />
      </ControlBar>
      <Announcement text={words} now={isOver ? words : ''} />
    </>
  )
}

function wordsOf(person: Position, network: Position, personOver: boolean, networkOver: boolean, label: string | null): string {
  const words = standing(person.state.score, network.state.score, personOver && networkOver, label)
  return networkOver && !personOver ? `${words}. Its game is over.` : words
}

interface SideProps {
  name: string
  position: Position | null
  label?: string | null
}

function Side({ name, position, label }: SideProps) {
  return (
    <dl>
      <dt>{name}</dt>
      <dd>{position ? exactly(position.state.score) : '–'}</dd>
      <dd className="race-largest">{position ? `largest ${exactly(largestOf(position.state.board))}` : ''}</dd>
      {label && <dd className="race-largest">{label}</dd>}
    </dl>
  )
}

function Result({ person, network, label }: { person: Position; network: Position; label: string | null }) {
  const name = useStore(documentStore, (state) => state.design?.name ?? '')
  return (
    <div className="board-note">
      <b>{standing(person.state.score, network.state.score, true, label)}</b>
      <button
        type="button"
        className="button"
        data-look="primary"
        onClick={() => void shareText(resultText(name, person, network, label))}
      >
        <Icon name="share" /> Share
      </button>
    </div>
  )
}
