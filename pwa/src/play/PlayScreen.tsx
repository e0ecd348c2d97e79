/** The Play screen: watch the network play, play with its hints, race against it, or test it; all of it on the phone. */

import { useEffect } from 'react'
import { useStore } from 'zustand'
import { documentStore } from '../document/store'
import { fillPlayPack } from '../offline/play_pack'
import { useServerReachable } from '../platform/useServerReachable'
import { takeWantedRun } from '../runs/play_run'
import { Choice } from './Choice'
import { choosingStore, followNetworks, openDesign, readList } from './chosen_network'
import { GameSheet } from './GameSheet'
import { Gate, useObstacle } from './Gate'
import { Hint } from './Hint'
import { NetworkSheet } from './NetworkSheet'
import { PhoneSheet } from './PhoneSheet'
import './play.css'
import { MODES, type Mode, openSheet, playStore } from './play_state'
import { Race } from './Race'
import { useSearch } from './Search'
import { TestScreen } from './TestScreen'
import { Watch } from './Watch'
import { followWatchedGame } from './watching'

const LABELS: Record<Mode, string> = { watch: 'Watch', hint: 'Hint', race: 'Race', test: 'Test' }
const OPTIONS = MODES.map((key) => ({ key, label: LABELS[key] }))

export function PlayScreen() {
  const designId = useStore(documentStore, (state) => state.design?.id)
  const mode = useStore(playStore, (state) => state.mode)
  const obstacle = useObstacle()
  useEffect(() => {
    void fillPlayPack()
    followWatchedGame()
    return () => openSheet(null)
  }, [])
  useEffect(followNetworks, [])
  useSearch()
  useEffect(() => {
    if (designId) void openDesign(designId, takeWantedRun(designId))
  }, [designId])
  useListWhenReachable()
  if (!designId) return null
  return (
    <div className="play-screen" data-mode={mode}>
      <Choice name="Mode" options={OPTIONS} chosen={mode} onChoose={(chosen) => playStore.setState({ mode: chosen })} />
      {obstacle ? <Gate obstacle={obstacle} /> : <ModeScreen mode={mode} designId={designId} />}
      <Sheet />
    </div>
  )
}

/** Ask again for the networks of the server when it can be reached again. */
function useListWhenReachable(): void {
  const reachable = useServerReachable()
  useEffect(() => {
    const { designId, unreachable } = choosingStore.getState()
    if (reachable && unreachable && designId) void readList(designId)
  }, [reachable])
}

function ModeScreen({ mode, designId }: { mode: Mode; designId: string }) {
  switch (mode) {
    case 'watch':
      return <Watch designId={designId} />
    case 'hint':
      return <Hint />
    case 'race':
      return <Race designId={designId} />
    case 'test':
      return <TestScreen />
  }
}

function Sheet() {
  const sheet = useStore(playStore, (state) => state.sheet)
  switch (sheet) {
    case 'network':
      return <NetworkSheet />
    case 'game':
      return <GameSheet />
    case 'phone':
      return <PhoneSheet />
    default:
      return null
  }
}
