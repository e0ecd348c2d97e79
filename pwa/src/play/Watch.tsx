/** Watch: the network plays, at a speed, step by step, or back. */

import { memo, useEffect, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { playerStore, watch, watchStore } from '../player/player'
import type { Speed, WatchState } from '../player/types'
import { exactly } from '../ui/numbers'
import { useReducedMotion } from '../ui/useMedia'
import { Announcement } from './Announcement'
import { Control, ControlBar } from './Controls'
import { GameLine } from './GameLine'
import { InsideBoard, InsideChoice, InsidePanel, useShowsAfterstates } from './Inside'
import { Moves } from './Moves'
import { orders } from './orders'
import { canPaint, PaintedBoard } from './PaintedBoard'
import { bestsStore, noteScore, playStore, SPEEDS } from './play_state'
import { Scores } from './Scores'
import { SearchChoice, SearchLabel } from './Search'
import { bestKey, labelled, searchLabel } from './search_words'
import { keepScreenOn } from './wake_lock'
import { beginWatching, leaveWatching, newWatchedGame } from './watching'

export const SLIDE_MS = 110
/** of the time between two moves, so that a tile rests before it moves again */
const SLIDE_SHARE = 0.5

/** How long tiles slide at a speed; not at all at full speed and for those who want few movements. */
export function slideMsOf(speed: Speed, reduced: boolean): number | undefined {
  if (reduced || speed === 'max') return undefined
  return Math.min(SLIDE_MS, (SLIDE_SHARE * 1000) / speed)
}

export function Watch({ designId }: { designId: string }) {
  const seed = useStore(watchStore, (state) => state.position?.state.seed)
  useWatching()
  useKeptScreen()
  useNotedScore(designId)
  return (
    <>
      <div className="play-body">
        <WatchedScores designId={designId} />
        <WatchedBoard />
        <WatchedMoves />
        <InsideChoice />
        <WatchedInside />
        <SearchChoice />
        <GameLine seed={seed} />
      </div>
      <WatchControls />
      <WatchAnnouncement />
    </>
  )
}

/** A game is there while it is watched; a network that was loaded meanwhile begins one. */
function useWatching(): void {
  const network = useStore(playerStore, (state) => state.network?.id)
  const reduced = useReducedMotion()
  const atOnce = useRef(!reduced)
  // biome-ignore lint/correctness/useExhaustiveDependencies: each network begins a game
  useEffect(() => {
    orders(beginWatching(atOnce.current))
    return leaveWatching
  }, [network])
}

/** The screen stays on while the network plays, if the person wants that. */
function useKeptScreen(): void {
  const playing = useStore(watchStore, (state) => state.playing)
  const wanted = useStore(playStore, (state) => state.keepsScreenOn)
  useEffect(() => (playing && wanted ? keepScreenOn() : undefined), [playing, wanted])
}

/** A game's score counts for the best one when the game is over. */
function useNotedScore(designId: string): void {
  const score = useStore(watchStore, ({ over, position }) => (over ? (position?.state.score ?? 0) : 0))
  const label = useStore(watchStore, labelOf)
  useEffect(() => noteScore(score, bestKey(designId, label)), [score, designId, label])
}

/** How the shown score came about; of a game without a move yet, how the first move will. */
const labelOf = ({ searched, position }: WatchState): string | null =>
  searchLabel(searched.length > 0 ? searched : [position?.thought?.searched ?? 0])

function WatchedScores({ designId }: { designId: string }) {
  const state = useStore(watchStore, ({ position }) => position?.state)
  const label = useStore(watchStore, labelOf)
  const best = useStore(bestsStore, ({ networks }) => networks[bestKey(designId, label)] ?? 0)
  return (
    <>
      <SteadyScores state={state} best={best} />
      <SearchLabel label={label} />
    </>
  )
}

const SteadyScores = memo(Scores)

const BOARD = 'Board of the network'

function WatchedBoard() {
  const over = useStore(watchStore, isAtEnd)
  const position = useStore(watchStore, (state) => state.position)
  const speed = useStore(watchStore, (state) => state.speed)
  const paints = useStore(watchStore, isRushing) && canPaint
  const [painted, setPainted] = useState(false)
  const reduced = useReducedMotion()
  return (
    <div className="board-place" data-painted={painted || undefined}>
      <SteadyBoard position={position} name={BOARD} slideMs={slideMsOf(speed, reduced)} covered={painted} />
      {paints && <PaintedBoard onPainted={setPainted} />}
      {over && <p className="board-note">Game over</p>}
    </div>
  )
}

const SteadyBoard = memo(InsideBoard)

/** Whether the game plays at full speed, faster than positions can be read. */
const isRushing = ({ playing, speed }: WatchState): boolean => playing && speed === 'max'

/** Whether the last position of a game that is over is shown. */
const isAtEnd = ({ over, index, length }: WatchState): boolean => over && index === length

function WatchedMoves() {
  const position = useStore(watchStore, (state) => state.position)
  const show = (action: number) => {
    orders(watch.pause())
    orders(watch.showMove(action))
  }
  const seesAfter = useShowsAfterstates(position)
  return <Moves thought={position?.thought ?? null} legal={position?.state.legal ?? []} {...(seesAfter && { onShow: show })} />
}

function WatchedInside() {
  const { position, usage, values, index } = useStore(watchStore)
  // positions come seldom then, and one frame for all of them is less work than two
  const paints = useStore(watchStore, isRushing) && canPaint
  return (
    <InsidePanel
      position={position}
      usage={usage}
      over="over the last 100 moves"
      values={values}
      index={index}
      onGoTo={(place) => orders(watch.goTo(place))}
      {...(paints && { chartMs: 0 })}
    />
  )
}

function chooseSpeed(chosen: string): void {
  const speed = SPEEDS.find((each) => String(each) === chosen)
  if (!speed) return
  playStore.setState({ speed })
  orders(watch.setSpeed(speed))
}

const newGame = () => orders(newWatchedGame())

function WatchControls() {
  const playing = useStore(watchStore, (state) => state.playing)
  const speed = useStore(watchStore, (state) => state.speed)
  const atStart = useStore(watchStore, (state) => state.index === 0)
  const over = useStore(watchStore, isAtEnd)
  const begun = useStore(watchStore, (state) => state.position !== null)
  return (
    <ControlBar name="Watch">
      {!over && <Control icon="restart" label="New game" disabled={!begun} onClick={newGame} />}
      <Control icon="step_back" label="Step back" disabled={atStart} onClick={() => orders(watch.stepBack())} />
      {over ? (
        <Control primary icon="restart" label="New game" word="New" onClick={newGame} />
      ) : playing ? (
        <Control primary icon="pause" label="Pause" onClick={() => orders(watch.pause())} />
      ) : (
        <Control primary icon="train" label="Play" disabled={!begun} onClick={() => orders(watch.play())} />
      )}
      <Control icon="step_forward" label="Step" disabled={!begun || over} onClick={() => orders(watch.step())} />
      <select className="control speed" aria-label="Speed" value={speed} onChange={({ target }) => chooseSpeed(target.value)}>
        {SPEEDS.map((each) => (
          <option key={each} value={each}>
            {each === 'max' ? 'Max' : `${each}/s`}
          </option>
        ))}
      </select>
    </ControlBar>
  )
}

function WatchAnnouncement() {
  const score = useStore(watchStore, ({ position }) => position?.state.score)
  const over = useStore(watchStore, isAtEnd)
  const label = useStore(watchStore, labelOf)
  if (score === undefined) return null
  const words = labelled(exactly(score), label)
  return <Announcement text={`Score ${words}`} now={over ? `Game over with ${words}` : ''} />
}
