/** Looks inside the network that plays: the overlay on the board, and what belongs to it below the board. */

import { type ReactNode, type RefObject, useEffect, useRef } from 'react'
import { useStore } from 'zustand'
import { documentStore } from '../document/store'
import { networksStore, onnxFiles, saysFull } from '../networks/networks'
import { playerStore } from '../player/player'
import type { LoadedNetwork, Position, Thought } from '../player/types'
import { Icon } from '../ui/Icon'
import { byteWords } from '../ui/numbers'
import { AttentionCells, AttentionHeads } from './Attention'
import { actionName } from './actions'
import { Board } from './Board'
import { Picker } from './Choice'
import { choosingStore, fetchAndPlay, offerFor } from './chosen_network'
import { ExpertCells, ExpertSwitches } from './Experts'
import { layerName } from './layer_names'
import { INSIDES, type Inside, openSheet, type PlayState, playStore, toggleInside } from './play_state'
import { useSeen } from './useSeen'
import { ValueChart } from './ValueChart'

const LABELS: Record<Inside, string> = { experts: 'Experts', attention: 'Attention', value: 'Value' }

/** What this network can be looked into by. */
export function insidesOf(network: LoadedNetwork | null): Inside[] {
  if (!network) return []
  const has = { experts: network.routers.length > 0, attention: network.attentions.length > 0, value: true }
  return INSIDES.filter((inside) => has[inside])
}

/** The layer that is looked into: the chosen one, or the first where this network has none of its path. */
export function layerOf(network: LoadedNetwork | null, inside: Inside | null, chosen: PlayState['layer']): string | undefined {
  if (!network || inside === null || inside === 'value') return undefined
  const layers = inside === 'experts' ? network.routers : network.attentions
  return layers.find(({ path }) => path === chosen[inside])?.path ?? layers[0]?.path
}

export function useLayer(): { inside: Inside | null; path: string | undefined } {
  const network = useStore(playerStore, (state) => state.network)
  const inside = useStore(playStore, (state) => state.inside)
  const layer = useStore(playStore, (state) => state.layer)
  return { inside, path: layerOf(network, inside, layer) }
}

/** Whether the board after a move can be shown: of a network that sees those, while it is looked into. */
export function useShowsAfterstates(position: Position | null): boolean {
  const { path } = useLayer()
  const move = position?.thought?.ofMove ?? null
  return path !== undefined && move !== null
}

interface BoardProps {
  position: Position | null
  name: string
  slideMs: number | undefined
  /** whether a canvas covers it: then it serves screen readers and touch alone, and does not wait for the board after a move */
  covered?: boolean
}

/** The board being played; while experts or attention are shown, the board that the network sees. */
export function InsideBoard({ position, name, slideMs, covered = false }: BoardProps) {
  const { path } = useLayer()
  const seen = useSeen(position, path !== undefined && !covered)
  if (!position) return <Board board={EMPTY_BOARD} name={name} />
  if (covered)
    return (
      <Board board={position.state.board} name={name}>
        {path !== undefined && position.thought && <Overlay thought={position.thought} />}
      </Board>
    )
  const move = seen?.thought.ofMove ?? null
  if (move !== null && seen && position.state.legal.includes(true))
    return (
      <Board board={seen.board} name={`The board after ${actionName(move)}, as the network sees it`}>
        <Overlay thought={seen.thought} />
      </Board>
    )
  return (
    <Board board={position.state.board} move={position.move} slideMs={seen ? undefined : slideMs} name={name}>
      {seen && <Overlay thought={seen.thought} />}
    </Board>
  )
}

export const EMPTY_BOARD: readonly number[] = Array(16).fill(0)

function Overlay({ thought }: { thought: Thought }): ReactNode {
  const { inside, path = '' } = useLayer()
  const routing = thought.routing[path]
  const attention = thought.attention[path]
  if (inside === 'experts' && routing) return <ExpertCells routing={routing} />
  if (inside === 'attention' && attention) return <AttentionCells attention={attention} />
  return null
}

/** The file for looking inside, where it did not come with the network. */
function MissingInside({ network }: { network: LoadedNetwork }) {
  const list = useStore(choosingStore, (state) => state.list)
  const fetching = useStore(networksStore, (state) => state.fetching[network.id] !== undefined)
  const trouble = useStore(networksStore, (state) => state.trouble[network.id])
  const offer = network.inspected ? null : offerFor(list, network.id)
  if (!offer?.run.inspectable) return null
  const bytes = onnxFiles(offer.checkpoint).inspect?.bytes
  return (
    <>
      <button type="button" className="button" disabled={fetching} onClick={() => void fetchAndPlay(offer)}>
        <Icon name="save" /> To look inside{bytes !== undefined && ` · ${byteWords(bytes)}`}
      </button>
      {trouble && !fetching && (
        <p className="inside-trouble" role="alert">
          {trouble}
        </p>
      )}
      {trouble && !fetching && saysFull(trouble) && (
        <button type="button" className="button" onClick={() => openSheet('phone')}>
          <Icon name="phone" /> On this phone
        </button>
      )}
    </>
  )
}

/** What can be looked at; nothing is pressed while only the game is shown. */
export function InsideChoice() {
  const network = useStore(playerStore, (state) => state.network)
  const chosen = useStore(playStore, (state) => state.inside)
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be a flex box in every browser
    <div className="inside-choice" role="group" aria-label="Look inside">
      {insidesOf(network).map((inside) => (
        <button key={inside} type="button" aria-pressed={inside === chosen} onClick={() => toggleInside(inside)}>
          {LABELS[inside]}
        </button>
      ))}
      {network && <MissingInside network={network} />}
    </div>
  )
}

interface PanelProps {
  position: Position | null
  /** the shares of the experts by path, and over which boards they are taken */
  usage: Record<string, readonly number[]>
  over: string
  values: readonly number[]
  index: number
  onGoTo?: (index: number) => void
  /** how often the chart is drawn at most */
  chartMs?: number
}

/** What belongs to the chosen overlay. */
export function InsidePanel({ position, usage, over, values, index, onGoTo, chartMs }: PanelProps) {
  const network = useStore(playerStore, (state) => state.network)
  const { inside, path } = useLayer()
  const panel = useScrolledTo(inside)
  if (!network || !inside || !insidesOf(network).includes(inside)) return null
  if (inside === 'value')
    return (
      <div ref={panel}>
        <ValueChart
          values={values}
          index={index}
          {...(onGoTo && { onGoTo })}
          {...(chartMs !== undefined && { everyMs: chartMs })}
        />
      </div>
    )
  if (path === undefined) return null
  const router = network.routers.find((each) => each.path === path)
  const attention = network.attentions.find((each) => each.path === path)
  return (
    <section ref={panel} className="inside-panel" aria-label={LABELS[inside]}>
      <LayerPicker inside={inside} path={path} />
      <SeenNote network={network} position={position} />
      {inside === 'experts' && router && (
        <ExpertSwitches
          path={path}
          experts={router.experts}
          shares={usage[path]}
          over={over}
          routing={position?.thought?.routing[path]}
        />
      )}
      {inside === 'attention' && attention && <AttentionHeads heads={attention.heads} />}
    </section>
  )
}

/** A panel that comes into view when it is opened, not when the screen is. */
function useScrolledTo(inside: Inside | null): RefObject<HTMLDivElement | null> {
  const panel = useRef<HTMLDivElement>(null)
  const before = useRef(inside)
  useEffect(() => {
    if (inside !== before.current && panel.current) scrollTo(panel.current)
    before.current = inside
  }, [inside])
  return panel
}

/** Scroll until the panel is in view, but never so far that the top of the board leaves the screen. */
function scrollTo(panel: HTMLElement): void {
  const body = panel.closest('.play-body')
  if (!body) return
  const view = body.getBoundingClientRect()
  const hidden = panel.getBoundingClientRect().bottom - view.bottom
  const board = body.querySelector('.board-place')
  const room = board ? board.getBoundingClientRect().top - view.top : hidden
  if (hidden > 0) body.scrollBy({ top: Math.max(0, Math.min(hidden, room)) })
}

function LayerPicker({ inside, path }: { inside: 'experts' | 'attention'; path: string }) {
  const network = useStore(playerStore, (state) => state.network)
  const design = useStore(documentStore, (state) => state.design)
  const layers = (inside === 'experts' ? network?.routers : network?.attentions) ?? []
  return (
    <Picker
      name="Layer"
      options={layers.map((layer) => ({ value: layer.path, label: layerName(design, layer.path) }))}
      value={path}
      onChoose={(chosen) => playStore.setState(({ layer }) => ({ layer: { ...layer, [inside]: chosen } }))}
    />
  )
}

/** A network that values boards after a move never sees the board being played. */
function SeenNote({ network, position }: { network: LoadedNetwork; position: Position | null }) {
  const move = position?.thought?.ofMove ?? null
  if (!network.valuesAfterstates || !position || move === null) return null
  if (!position.state.legal.includes(true))
    return <p className="seen-note">This network sees boards after a move; no move is left here.</p>
  return (
    <p className="seen-note">
      This network sees boards after a move, never the one being played. Shown: the board after <b>{actionName(move)}</b>, its
      first view. Tap another move to see that one.
    </p>
  )
}
