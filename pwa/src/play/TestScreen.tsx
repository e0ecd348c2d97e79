/** Test: a hundred games on the phone, beside the server's test games and the rules. */

import { useMemo } from 'react'
import { useStore } from 'zustand'
import { networksStore } from '../networks/networks'
import { playerStore, test, testStore } from '../player/player'
import { exactly, percent } from '../ui/numbers'
import { Announcement } from './Announcement'
import { Control, ControlBar } from './Controls'
import { choosingStore } from './chosen_network'
import { GameLine } from './GameLine'
import { type ComparedRow, FIRST_TEST_SEED, playersOf, reached, summaryOf, TEST_GAMES, tilesToCompare } from './game_summaries'
import { orders } from './orders'
import { SearchChoice, SearchLabel } from './Search'
import { labelled, searchLabel } from './search_words'
import './test-screen.css'

export function TestScreen() {
  const chosen = useStore(choosingStore, (state) => state.chosen)
  const evaluation = useStore(networksStore, ({ networks }) => networks.find(({ id }) => id === chosen)?.evaluation ?? null)
  const { results, running, done, total, expertsOff, searched } = useStore(testStore)
  const label = searchLabel([searched])
  const summary = useMemo(() => summaryOf(results), [results])
  const players = playersOf(summary, evaluation, label)
  const words = summary ? labelled(`Mean ${exactly(Math.round(summary.mean))} after ${exactly(done)} games`, label) : ''
  return (
    <>
      <div className="play-body">
        <Progress />
        {total > 0 && <SearchLabel label={label} />}
        {players.length > 0 ? (
          <>
            <Scores players={players} />
            <Tiles players={players} />
          </>
        ) : (
          <p className="quiet">The network plays {TEST_GAMES} games on this phone as fast as it can.</p>
        )}
        {expertsOff && summary && <p className="seen-note">These games were played with experts switched off.</p>}
        {evaluation && (
          <p className="quiet">
            The server’s row is the newest test of the run. On this phone the same {TEST_GAMES} games are played each time.
          </p>
        )}
        {label && summary && evaluation && <p className="seen-note">The server’s games were played without search.</p>}
        <SearchChoice mode="test" />
        <GameLine />
      </div>
      <ControlBar name="Test">
        {running ? (
          <Control primary icon="stop" label="Stop" word="Stop" onClick={() => orders(test.stop())} />
        ) : (
          <StartButton word={summary ? 'Play again' : `Play ${TEST_GAMES} games`} />
        )}
      </ControlBar>
      <Announcement text={words} now={!running && done > 0 && done === total ? `Test over. ${words}` : ''} />
    </>
  )
}

function StartButton({ word }: { word: string }) {
  const ready = useStore(playerStore, (state) => state.status === 'ready')
  const start = () => orders(test.start(TEST_GAMES, FIRST_TEST_SEED))
  return <Control primary icon="train" label={word} word={word} disabled={!ready} onClick={start} />
}

function Progress() {
  const { running, done, total, moves, movesPerSecond } = useStore(testStore)
  if (total === 0) return null
  return (
    <div className="test-progress">
      <progress aria-label="Games played" value={done} max={total} />
      <p>
        <span>
          {exactly(done)} of {exactly(total)} games
        </span>
        {/* with search a game takes long, so that moves are the first sign of progress */}
        {running && (
          <span>
            {exactly(moves)} moves · {exactly(Math.round(movesPerSecond))} a second
          </span>
        )}
      </p>
    </div>
  )
}

function Scores({ players }: { players: readonly ComparedRow[] }) {
  return (
    <section className="panel" aria-label="Scores">
      <table className="test-table">
        <thead>
          <tr>
            <td />
            <th scope="col">Games</th>
            <th scope="col">Mean</th>
            <th scope="col">Median</th>
          </tr>
        </thead>
        <tbody>
          {players.map(({ name, rule, summary }) => (
            <tr key={name} data-rule={rule}>
              <th scope="row">{name}</th>
              <td data-label="Games">{exactly(summary.games)}</td>
              <td data-label="Mean">{exactly(Math.round(summary.mean))}</td>
              <td data-label="Median">{exactly(Math.round(summary.median))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function Tiles({ players }: { players: readonly ComparedRow[] }) {
  const faces = tilesToCompare(players)
  return (
    <section className="panel" aria-label="Largest tiles">
      <h2>Games that reached a tile</h2>
      <table className="test-table">
        <thead>
          <tr>
            <td />
            {faces.map((face) => (
              <th key={face} scope="col">
                {face}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {players.map(({ name, rule, summary }) => (
            <tr key={name} data-rule={rule}>
              <th scope="row">{name}</th>
              {faces.map((face) => (
                <td key={face} data-label={face}>
                  {percent(reached(summary, face))}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
