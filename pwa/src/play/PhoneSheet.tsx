/** What Play takes on this phone: the kept networks, what is fetched by itself, and the part of the app that runs networks. */

import { Switch } from '@base-ui/react/switch'
import { useStore } from 'zustand'
import {
  changeNetworkSettings,
  type KeptNetwork,
  networkSettings,
  networksStore,
  removeNetwork,
  sentenceForNetwork,
} from '../networks/networks'
import { fillPlayPack, playPackStore } from '../offline/play_pack'
import { BottomSheet } from '../ui/BottomSheet'
import { Icon } from '../ui/Icon'
import { byteWords, exactly, percent, plural } from '../ui/numbers'
import { showToast } from '../ui/toasts'
import { Picker } from './Choice'
import { afterRemoval } from './chosen_network'
import { bytesOf } from './network_rows'
import { checkpointWords } from './network_words'
import { openSheet } from './play_state'

const LIMITS_MB = [1, 2, 5, 10, 20, 50, 100]

export function PhoneSheet() {
  const networks = useStore(networksStore, (state) => state.networks)
  const bytes = networks.reduce((sum, network) => sum + bytesOf(network), 0)
  const note = networks.length > 0 ? `${plural(networks.length, 'network')}, ${byteWords(bytes)}` : 'No networks'
  return (
    <BottomSheet title="On this phone" note={note} onClose={() => openSheet(null)}>
      <ul className="kept-networks" aria-label="Kept networks">
        {networks.map((network) => (
          <Kept key={network.id} network={network} />
        ))}
      </ul>
      <BackgroundFetches />
      <PlayPack />
    </BottomSheet>
  )
}

function Kept({ network }: { network: KeptNetwork }) {
  const words = `${checkpointWords(network)} of ${network.designName}`
  return (
    <li>
      <span className="network-words">
        <b>{network.designName}</b>
        <small>
          {checkpointWords(network)} · after {exactly(network.steps)} moves · {byteWords(bytesOf(network))}
        </small>
      </span>
      <button
        type="button"
        className="button"
        data-look="bare"
        data-square
        aria-label={`Remove ${words}`}
        onClick={() => void remove(network.id, words)}
      >
        <Icon name="bin" />
      </button>
    </li>
  )
}

async function remove(id: string, words: string): Promise<void> {
  const failed = (error: unknown) => showToast(sentenceForNetwork(error), { tone: 'bad' })
  try {
    const putBack = await removeNetwork(id)
    await afterRemoval(id)
    const run = () => void putBack().catch(failed)
    showToast(`Removed: ${words}`, { undo: { action: `remove ${words}`, run } })
  } catch (error) {
    failed(error)
  }
}

function BackgroundFetches() {
  const { enabled, maxBackgroundMb } = useStore(networkSettings)
  const limits = [...new Set([...LIMITS_MB, maxBackgroundMb])].sort((a, b) => a - b)
  return (
    <section aria-label="Fetching">
      <h3 className="sheet-heading">Fetching</h3>
      <div className="setting">
        <p id="fetch-help">
          <b>Fetch new networks by itself</b>
          <small>When a run has a new best network or ends, and the server can be reached.</small>
        </p>
        <Switch.Root
          className="switch"
          aria-label="Fetch new networks by itself"
          aria-describedby="fetch-help"
          checked={enabled}
          onCheckedChange={(checked) => changeNetworkSettings({ enabled: checked })}
        >
          <Switch.Thumb className="switch-thumb" />
        </Switch.Root>
      </div>
      {enabled && (
        <div className="setting">
          <p>
            <b>Up to</b>
            <small>Larger networks are fetched by a tap.</small>
          </p>
          <Picker
            name="Largest network to fetch by itself"
            options={limits.map((limit) => ({ value: String(limit), label: `${limit} MB` }))}
            value={String(maxBackgroundMb)}
            onChoose={(value) => changeNetworkSettings({ maxBackgroundMb: Number(value) })}
          />
        </div>
      )}
    </section>
  )
}

function PlayPack() {
  const { state, progress, bytes, isKept } = useStore(playPackStore)
  const size = bytes > 0 ? `, ${byteWords(bytes)}` : ''
  return (
    <section aria-label="Player">
      <h3 className="sheet-heading">The part of the app that runs networks</h3>
      <div className="setting">
        <p>
          {state === 'ready' && (isKept ? `On this phone${size}.` : 'Read from the server when it is needed.')}
          {state === 'filling' && `Downloading: ${percent(progress)}.`}
          {(state === 'absent' || state === 'failed') && 'Not complete on this phone.'}
        </p>
        {(state === 'absent' || state === 'failed') && (
          <button type="button" className="button" onClick={() => void fillPlayPack()}>
            Download
          </button>
        )}
      </div>
    </section>
  )
}
