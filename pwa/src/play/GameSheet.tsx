/** The game that is played: its seed, another seed, and whether the screen stays on. */

import { Switch } from '@base-ui/react/switch'
import { type FormEvent, useState } from 'react'
import { useStore } from 'zustand'
import { watchStore } from '../player/player'
import { BottomSheet } from '../ui/BottomSheet'
import { Icon } from '../ui/Icon'
import { hintGame } from './Hint'
import { orders } from './orders'
import { type Mode, openSheet, playStore, randomSeed, seedOf } from './play_state'
import { raceHand } from './race_game'
import { shareText } from './share'
import { canKeepScreenOn } from './wake_lock'
import { newWatchedGame } from './watching'
import './sheets.css'

/** Begin the game of a seed in the mode that is shown. */
function play(mode: Mode, seed: number): void {
  if (mode === 'hint') void hintGame.start(seed)
  else if (mode === 'race') void raceHand.start(seed)
  else orders(newWatchedGame(seed))
  openSheet(null)
}

function useSeed(mode: Mode): number | undefined {
  const watched = useStore(watchStore, ({ position }) => position?.state.seed)
  const hint = useStore(hintGame.store, ({ position }) => position?.state.seed)
  const race = useStore(raceHand.store, ({ position }) => position?.state.seed)
  return mode === 'hint' ? hint : mode === 'race' ? race : watched
}

export function GameSheet() {
  const { mode, keepsScreenOn } = useStore(playStore)
  const seed = useSeed(mode)
  return (
    <BottomSheet
      title={seed === undefined ? 'Game' : `Game ${seed}`}
      note="Games with the same seed get the same new tiles."
      onClose={() => openSheet(null)}
    >
      <SeedForm mode={mode} />
      <div className="sheet-actions">
        {seed !== undefined && (
          <button type="button" className="button" onClick={() => void shareText(String(seed))}>
            <Icon name="share" /> Share the seed
          </button>
        )}
        {seed !== undefined && (
          <button type="button" className="button" onClick={() => play(mode, seed)}>
            <Icon name="restart" /> From its start
          </button>
        )}
      </div>
      <button type="button" className="button sheet-wide" onClick={() => play(mode, randomSeed())}>
        New game with any seed
      </button>
      {canKeepScreenOn() && (
        <div className="setting">
          <p id="screen-help">
            <b>Keep the screen on</b>
            <small>While the network plays and you watch.</small>
          </p>
          <Switch.Root
            className="switch"
            aria-label="Keep the screen on"
            aria-describedby="screen-help"
            checked={keepsScreenOn}
            onCheckedChange={(checked) => playStore.setState({ keepsScreenOn: checked })}
          >
            <Switch.Thumb className="switch-thumb" />
          </Switch.Root>
        </div>
      )}
    </BottomSheet>
  )
}

function SeedForm({ mode }: { mode: Mode }) {
  const [text, setText] = useState('')
  const [refused, setRefused] = useState(false)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const typed = seedOf(text)
    if (typed === null) setRefused(true)
    else play(mode, typed)
  }
  return (
    <form className="seed-form" onSubmit={submit}>
      <label className="name-field">
        Seed
        <input
          inputMode="numeric"
          enterKeyHint="go"
          autoComplete="off"
          value={text}
          aria-invalid={refused}
          aria-describedby={refused ? 'seed-problem' : undefined}
          onChange={({ target }) => {
            setText(target.value)
            setRefused(false)
          }}
        />
      </label>
      <button type="submit" className="button" data-look="primary">
        Play
      </button>
      {refused && (
        <p id="seed-problem" className="seed-problem" role="alert">
          A seed is a whole number from 0 to 2,147,483,647.
        </p>
      )}
    </form>
  )
}
