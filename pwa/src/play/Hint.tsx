/** Hint: a person plays, and sees what the network would do. */

import { useEffect } from 'react'
import { useStore } from 'zustand'
import { playerStore } from '../player/player'
import { exactly } from '../ui/numbers'
import { useReducedMotion } from '../ui/useMedia'
import { Announcement } from './Announcement'
import { Control, ControlBar, MoveButtons } from './Controls'
import { GameLine } from './GameLine'
import { handGame } from './hand_game'
import { InsideBoard, InsideChoice, InsidePanel, useShowsAfterstates } from './Inside'
import { expertShares } from './inside'
import { Moves } from './Moves'
import { bestsStore, playStore, randomSeed } from './play_state'
import { Scores } from './Scores'
import { SearchChoice, SearchLabel } from './Search'
import { searchLabel } from './search_words'
import { useAdvised } from './useAdvised'
import { useArrowKeys, useSwipes } from './usePressed'
import { SLIDE_MS } from './Watch'

/** The game that the person plays with hints. */
export const hintGame = handGame('model-studio-hint-game')

const toggleHints = () => playStore.setState(({ hints }) => ({ hints: !hints }))

const newGame = () => void hintGame.start(randomSeed())

export function Hint() {
  const { position: plain, over, trouble } = useStore(hintGame.store)
  const hints = useStore(playStore, (state) => state.hints)
  const best = useStore(bestsStore, (state) => state.person)
  const { position, values, showMove } = useAdvised(plain, hints)
  const swipes = useSwipes(hintGame.press)
  const reduced = useReducedMotion()
  useArrowKeys(hintGame.press)
  useEffect(() => void hintGame.open(randomSeed()), [])
  const state = position?.state
  const thought = position?.thought ?? null
  const seesAfter = useShowsAfterstates(position)
  return (
    <>
      <div className="play-body">
        <Scores state={state} best={best} />
        <div className="board-place" data-swiped {...swipes}>
          <InsideBoard position={position} name="Your board" slideMs={reduced ? undefined : SLIDE_MS} />
          {over && (
            <div className="board-note">
              Game over
              <button type="button" className="button" data-look="primary" onClick={newGame}>
                Play again
              </button>
            </div>
          )}
        </div>
        {hints && <Moves thought={thought} legal={state?.legal ?? []} {...(seesAfter && { onShow: showMove })} />}
        {hints && <SearchLabel label={searchLabel([thought?.searched ?? 0])} />}
        {trouble && <p className="quiet">{trouble}</p>}
        {hints && <InsideChoice />}
        {hints && (
          <InsidePanel
            position={position}
            usage={thought ? expertShares(thought.routing) : {}}
            over="on this board"
            values={values}
            index={state?.n_moves ?? 0}
          />
        )}
        {hints && <SearchChoice />}
        <GameLine seed={state?.seed} />
      </div>
      <ControlBar name="Your moves">
        <Control icon="restart" label="New game" onClick={newGame} />
        <MoveButtons legal={state?.legal ?? []} onPress={hintGame.press} />
        <HintSwitch on={hints} />
      </ControlBar>
      {state && (
        <Announcement text={`Score ${exactly(state.score)}`} now={over ? `Game over with ${exactly(state.score)}` : ''} />
      )}
    </>
  )
}

function HintSwitch({ on }: { on: boolean }) {
  const ready = useStore(playerStore, (state) => state.status === 'ready')
  return <Control icon="eye" label="Hints" pressed={on} disabled={!ready} onClick={toggleHints} />
}
