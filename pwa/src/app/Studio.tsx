/** The frame of all screens of one design: name and sync status above, action bar and tabs below; Train and Play have controls of their own. */

import { type RefObject, useLayoutEffect, useRef } from 'react'
import { useStore } from 'zustand'
import { Canvas } from '../canvas/Canvas'
import { ValidationBanner } from '../canvas/ValidationBanner'
import { newDesign } from '../designs/library'
import { Thumbnail } from '../designs/Thumbnail'
import { documentStore } from '../document/store'
import { sessionStore } from '../editor/session'
import { openSheet, uiStore } from '../editor/ui_state'
import type { ModelArchitecture } from '../generated/wire'
import { coachStore } from '../help/coach'
import { hrefOf, type Screen } from '../navigation/router'
import { Chain } from '../outline/Outline'
import { SyncStatus } from '../platform/SyncStatus'
import { RunPill } from '../runs/RunPill'
import { Icon, type IconName } from '../ui/Icon'
import { later } from '../ui/later'
import { ActionBar } from './ActionBar'
import { Breadcrumb } from './Breadcrumb'
import './bars.css'
import { LaterPlayScreen } from './LaterPlayScreen'
import { CodeScreen, TrainScreen } from './LaterScreens'
import { Notices } from './Notices'
import { Tabs } from './Tabs'
import './studio.css'

const loadCoach = () => import('../help/CoachStrip')
const CoachStrip = later(
  loadCoach,
  (parts) => parts.CoachStrip,
  () => null,
)

export function Studio({ id, screen }: { id: string; screen: Screen }) {
  const missing = useStore(sessionStore, (session) => session.wanted === id && session.missing)
  const removed = useStore(sessionStore, (session) => (session.removed?.id === id ? session.removed : null))
  const name = useStore(documentStore, ({ design }) => (design?.id === id ? design.name : undefined))
  const coached = useStore(coachStore, ({ step }) => Boolean(step))
  const frame = useRef<HTMLDivElement>(null)
  const open = !removed && !missing
  useMeasuredFrame(frame, open)
  if (removed) return <Removed design={removed} />
  if (missing) return <Missing />
  return (
    <div ref={frame} className="studio" data-screen={screen}>
      <header className="studio-head">
        <a className="back" href={hrefOf({ screen: 'designs' })} aria-label="Back">
          <Icon name="back" />
        </a>
        <div className="studio-name">
          <h1>{name ?? ' '}</h1>
          <SyncStatus />
        </div>
        <RunPill place="head" />
        {screen === 'design' && <Tabs />}
        <button
          type="button"
          className="button"
          data-look="bare"
          data-square
          aria-label="Design settings"
          onClick={() => openSheet({ name: 'design' })}
        >
          <Icon name="settings" />
        </button>
      </header>
      <section className="studio-notes" aria-label="State of the design">
        <RunPill place="row" />
        {isDrawing(screen) && <ValidationBanner />}
        {coached && <CoachStrip />}
        <Notices />
      </section>
      <main className="studio-main">{name === undefined ? <NotOpen /> : <ScreenOf screen={screen} />}</main>
      {isDrawing(screen) && <ActionBar />}
      <BottomNav id={id} screen={screen} />
    </div>
  )
}

/** Whether the screen is about the drawing; Train and Play have controls of their own. */
const isDrawing = (screen: Screen): boolean => screen === 'design' || screen === 'code'

/** Tells the stylesheet how much of the window the bars take, which depends on the size of the text; sheets and messages keep clear of them. */
function useMeasuredFrame(frame: RefObject<HTMLDivElement | null>, open: boolean): void {
  useLayoutEffect(() => {
    const head = frame.current?.querySelector('.studio-head')
    const main = frame.current?.querySelector('.studio-main')
    if (!open || !head || !main || typeof ResizeObserver === 'undefined') return
    const { style } = document.documentElement
    const measure = () => {
      const { right, bottom } = main.getBoundingClientRect()
      style.setProperty('--measured-head', `${head.getBoundingClientRect().bottom}px`)
      style.setProperty('--measured-dock', `${window.innerHeight - bottom}px`)
      style.setProperty('--measured-side', `${window.innerWidth - right}px`)
    }
    const observer = new ResizeObserver(measure)
    observer.observe(head)
    observer.observe(main)
    return () => {
      observer.disconnect()
      for (const name of ['head', 'dock', 'side']) style.removeProperty(`--measured-${name}`)
    }
  }, [frame, open])
}

/** Why the design is not shown yet: it is upgraded for this version of the app, or it could not be opened. */
function NotOpen() {
  const { phase, problem } = useStore(sessionStore)
  if (phase !== 'upgrading' && problem === undefined) return null
  return (
    <div className="empty-place" role="status" aria-label="Update of the design">
      {problem === undefined && <span className="spinner" aria-hidden="true" />}
      <p>{problem ?? 'Bringing this design up to date…'}</p>
    </div>
  )
}

function ScreenOf({ screen }: { screen: Screen }) {
  const tab = useStore(uiStore, (state) => state.tab)
  const inside = useStore(documentStore, (state) => state.inside)
  if (screen === 'code') return <CodeScreen />
  if (screen === 'train' || screen === 'sweeps') return <TrainScreen screen={screen} />
  if (screen === 'play') return <LaterPlayScreen />
  return (
    <div className="tab-panel" role="tabpanel" id="drawing" aria-labelledby={`tab-${tab}`}>
      <Breadcrumb />
      {tab === 'canvas' ? <Canvas key={inside} /> : <Chain key={inside} />}
    </div>
  )
}

const SCREENS: { screen: Screen; label: string; icon: IconName }[] = [
  { screen: 'design', label: 'Design', icon: 'design' },
  { screen: 'code', label: 'Code', icon: 'code' },
  { screen: 'train', label: 'Train', icon: 'chart' },
  { screen: 'play', label: 'Play', icon: 'play' },
]

function BottomNav({ id, screen }: { id: string; screen: Screen }) {
  const inside = useStore(documentStore, (state) => state.inside) ?? undefined
  return (
    <nav className="bottom-nav" aria-label="Screens">
      {SCREENS.map((tab) => (
        <a
          key={tab.screen}
          href={hrefOf({ screen: tab.screen, id, inside })}
          aria-current={tab.screen === (screen === 'sweeps' ? 'train' : screen) ? 'page' : undefined}
        >
          <Icon name={tab.icon} />
          {tab.label}
        </a>
      ))}
    </nav>
  )
}

/** The design was removed elsewhere while it was open: what it was last, and what can be done with it. */
function Removed({ design }: { design: ModelArchitecture }) {
  return (
    <main className="missing">
      <Thumbnail design={design} />
      <h1>“{design.name}” was removed</h1>
      <p role="status">
        It was removed on another device, or in another tab, while it was open here. What you saw last is kept until you leave
        this screen.
      </p>
      <div className="missing-choices">
        <button type="button" className="button" data-look="primary" onClick={() => void newDesign(design)}>
          Restore a copy
        </button>
        <a className="button" href={hrefOf({ screen: 'designs' })}>
          Back to designs
        </a>
      </div>
    </main>
  )
}

function Missing() {
  return (
    <main className="missing">
      <h1>This design is not on this phone</h1>
      <p>It may have been removed, or it has not arrived from the server yet.</p>
      <a className="button" data-look="primary" href={hrefOf({ screen: 'designs' })}>
        All designs
      </a>
    </main>
  )
}
