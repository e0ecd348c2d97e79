/** The whole app: the screen of the address, the open sheet, and messages. */

import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { uiStore } from '../editor/ui_state'
import { whenIdle } from '../lib/when_idle'
import { type Route, useRoute } from '../navigation/router'
import { RunAnnouncer } from '../runs/RunPill'
import { later } from '../ui/later'
import { setEdge } from '../ui/theme'
import { LaterGlossary } from './LaterGlossary'
import { DesignsScreen, Results, Studio } from './LaterScreens'
import {
  BinSheet,
  BlockSheet,
  DesignSheet,
  ExportSheet,
  HelpSheet,
  HistorySheet,
  ImportSheet,
  MemorySheet,
  PairSheet,
  Palette,
  ParametersSheet,
  SettingsSheet,
  ShareSheet,
  TemplatesDialog,
  TrainSheet,
  UndoQuestion,
} from './LaterSheets'
import { LaterToasts } from './LaterToasts'
import './app.css'

const loadPrompt = () => import('./UpdatePrompt')
const UpdatePrompt = later(
  loadPrompt,
  (parts) => parts.UpdatePrompt,
  () => null,
)

export function App() {
  const route = useRoute()
  const [idle, setIdle] = useState(false)
  useEffect(() => whenIdle(() => setIdle(true)), [])
  const edge = route.screen === 'designs' ? '--paper' : '--surface'
  useEffect(() => setEdge(edge), [edge])
  return (
    <>
      <ScreenOf route={route} />
      <OpenSheet />
      <UndoQuestion />
      <LaterGlossary />
      {idle && <UpdatePrompt />}
      <LaterToasts />
      <RunAnnouncer />
    </>
  )
}

function ScreenOf({ route }: { route: Route }) {
  if (route.screen === 'results') return <Results />
  return route.id ? <Studio key={route.id} id={route.id} screen={route.screen} /> : <DesignsScreen />
}

function OpenSheet() {
  const sheet = useStore(uiStore, (state) => state.sheet)
  switch (sheet?.name) {
    case 'block':
      return <BlockSheet id={sheet.id} part={sheet.part} />
    case 'blocks':
      return <Palette after={sheet.after} before={sheet.before} />
    case 'design':
      return <DesignSheet />
    case 'train':
      return <TrainSheet longer={sheet.longer} />
    case 'parameters':
      return <ParametersSheet />
    case 'memory':
      return <MemorySheet />
    case 'history':
      return <HistorySheet id={sheet.id} />
    case 'bin':
      return <BinSheet />
    case 'export':
      return <ExportSheet designId={sheet.designId} runId={sheet.runId} />
    case 'share':
      return <ShareSheet id={sheet.id} />
    case 'import':
      return <ImportSheet key={sheet.source} source={sheet.source} />
    case 'settings':
      return <SettingsSheet />
    case 'pair':
      return <PairSheet key={sheet.code} code={sheet.code} />
    case 'help':
      return <HelpSheet />
    case 'templates':
      return <TemplatesDialog />
    default:
      return null
  }
}
