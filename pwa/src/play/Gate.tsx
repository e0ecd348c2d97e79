/** What stands between a person and the game: no network yet, a download, or a fault; each with one sentence and one action. */

import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import { hrefOf } from '../navigation/router'
import { cancelKeeping, networkId, networksStore, saysFull, sizeOf } from '../networks/networks'
import { playDownloadBytes } from '../offline/play_files'
import { fillPlayPack, playPackStore } from '../offline/play_pack'
import { renewPlayPack } from '../offline/renew_play_pack'
import { loadNetwork, playerStore } from '../player/player'
import { pythonState, retryPython } from '../python/client'
import { byteWords, percent } from '../ui/numbers'
import { choosingStore, fetchAndPlay, keptOf, openDesign } from './chosen_network'
import { isWritten } from './network_words'
import { openSheet } from './play_state'

export interface Obstacle {
  title: string
  text: string
  /** share that is done, of what takes a while; null where that is unknown */
  progress?: number | null
  action?: Action | { label: string; href: string }
  /** what else can be done */
  others?: Action[]
}

interface Action {
  label: string
  run: () => void
}

const again = (run: () => void): Action => ({ label: 'Try again', run })
const toPhone: Action = { label: 'On this phone', run: () => openSheet('phone') }
const chooseAnother: Action = { label: 'Choose another network', run: () => openSheet('network') }

/** The first thing that keeps the network from playing; null when it can play. */
export function useObstacle(): Obstacle | null {
  const python = useStore(pythonState)
  const pack = useStore(playPackStore)
  const status = useStore(playerStore, (state) => state.status)
  const problem = useStore(playerStore, (state) => state.problem)
  const choosing = useStore(choosingStore)
  const networks = useStore(networksStore)
  const loaded = useStore(playerStore, (state) => state.network?.id)
  return (
    ofPython(python) ??
    ofChoice(choosing, networks, loaded) ??
    // a network that plays has its runtime in memory already
    (status === 'ready' ? null : (ofPack(pack) ?? ofPlayer(status, problem, choosing))) ??
    (python.status === 'loading'
      ? { title: 'Starting Python…', text: 'The rules of the game run in Python.', progress: null }
      : null)
  )
}

function ofPython({ status, interrupted }: ReturnType<typeof pythonState.getState>): Obstacle | null {
  if (status !== 'failed') return null
  return {
    title: 'Python does not run',
    text: interrupted
      ? 'The download of Python was interrupted. The rules of the game run in it.'
      : 'The rules of the game run in Python, which could not be started on this phone.',
    action: again(retryPython),
  }
}

type Networks = ReturnType<typeof networksStore.getState>

function ofChoice(
  choosing: ReturnType<typeof choosingStore.getState>,
  { networks, fetching, trouble }: Networks,
  loaded: string | undefined,
): Obstacle | null {
  const { designId, chosen, ready, offer, list, unreachable } = choosing
  const isKept = networks.some(({ id }) => id === chosen)
  const arriving = chosen ? fetching[chosen] : undefined
  // while only the file for looking inside of the network that plays arrives, it plays on
  if (chosen && arriving && !(isKept && chosen === loaded)) return ofArriving(chosen, arriving)
  if (isKept) return null
  if (!ready || !designId) return { title: 'Looking for a network…', text: '', progress: null }
  if (offer) return ofOffer(offer, trouble)
  if (unreachable && !list)
    return {
      title: 'No network on this phone',
      text: 'The server cannot be reached. A trained network is fetched from there once, then it plays without a connection.',
      action: again(() => void openDesign(designId)),
    }
  return {
    title: 'Nothing to play yet',
    text: 'Train this design first. Its network then plays here, also without a connection.',
    action: { label: 'Go to Train', href: hrefOf({ screen: 'train', id: designId }) },
  }
}

function ofArriving(id: string, { done, total }: Networks['fetching'][string]): Obstacle {
  return {
    title: 'Fetching the network…',
    text:
      done === 0
        ? 'The server writes the file and checks it first, which can take a minute.'
        : `${byteWords(done)} of ${byteWords(total)}, kept on this phone for use without a connection.`,
    progress: total > 0 ? done / total : null,
    action: { label: 'Cancel', run: () => cancelKeeping(id) },
  }
}

function ofOffer(offer: NonNullable<ReturnType<typeof choosingStore.getState>['offer']>, trouble: Networks['trouble']): Obstacle {
  const size = `${isWritten(offer.checkpoint) ? '' : 'about '}${byteWords(sizeOf(offer.run, offer.checkpoint))}`
  const fetch = () => void fetchAndPlay(offer)
  const failed = trouble[networkId(offer.run.run_id, offer.checkpoint.steps)]
  return {
    title: failed ? 'The network was not fetched' : 'Fetch the network',
    text: failed ?? `The best network of the run is ${size}. It is kept on this phone and then plays without a connection.`,
    ...(failed && saysFull(failed)
      ? { action: toPhone, others: [again(fetch)] }
      : { action: failed ? again(fetch) : { label: `Fetch ${size}`, run: fetch } }),
  }
}

function ofPack({ state, progress, reason }: ReturnType<typeof playPackStore.getState>): Obstacle | null {
  if (state === 'ready') return null
  if (state === 'failed' && reason === 'full')
    return {
      title: 'This phone is full',
      text: 'There is no space for the part of the app that runs networks. Remove networks that you no longer need.',
      action: toPhone,
      others: [again(() => void fillPlayPack())],
    }
  if (state === 'failed')
    return {
      title: 'The download was interrupted',
      text: 'The part of the app that runs networks is not complete yet. What has arrived is kept.',
      action: again(() => void fillPlayPack()),
    }
  if (state === 'absent')
    return {
      title: 'Not on this phone',
      text: 'The part of the app that runs networks is not on this phone.',
      action: { label: `Fetch ${byteWords(playDownloadBytes)}`, run: () => void fillPlayPack() },
    }
  const size = playDownloadBytes > 0 ? `, ${byteWords(playDownloadBytes)} once` : ''
  return {
    title: 'Getting ready to play…',
    text: `Downloading the part of the app that runs networks${size}: ${percent(progress)}.`,
    progress,
  }
}

type PlayerState = ReturnType<typeof playerStore.getState>

function ofPlayer(
  status: PlayerState['status'],
  problem: PlayerState['problem'],
  { designId, chosen }: Pick<ReturnType<typeof choosingStore.getState>, 'designId' | 'chosen'>,
): Obstacle {
  if (status === 'loading' || !problem) return { title: 'Loading the network…', text: '', progress: null }
  const reload = () => void (chosen && loadNetwork(chosen).catch(() => {}))
  const { reason } = problem
  const obstacle = { title: 'The network does not play', text: problem.text }
  if (reason === 'no-simd') return obstacle
  if (reason === 'no-runtime') return { ...obstacle, action: again(() => void renewPlayPack().then(reload)) }
  if (reason === 'python') return { ...obstacle, action: again(reload) }
  const others = keptOf(designId).some(({ id }) => id !== chosen) ? [chooseAnother] : []
  if (reason === 'out-of-memory' || reason === 'full') return { ...obstacle, action: toPhone, others: [again(reload), ...others] }
  return { ...obstacle, action: again(reload), others }
}

export function Gate({ obstacle: { title, text, progress, action, others = [] } }: { obstacle: Obstacle }): ReactNode {
  return (
    <section className="gate" aria-label="Play">
      <div role="status">
        <h2>{title}</h2>
        {text && <p>{text}</p>}
      </div>
      {progress !== undefined && <progress aria-label={title} max={1} {...(progress !== null && { value: progress })} />}
      {action && 'href' in action && (
        <a className="button" data-look="primary" href={action.href}>
          {action.label}
        </a>
      )}
      {action && 'run' in action && (
        <button type="button" className="button" data-look="primary" onClick={action.run}>
          {action.label}
        </button>
      )}
      {others.map(({ label, run }) => (
        <button key={label} type="button" className="button" onClick={run}>
          {label}
        </button>
      ))}
    </section>
  )
}
