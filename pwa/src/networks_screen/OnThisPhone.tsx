/** What this phone has for playing: networks with their sizes, the runtime, and the settings of the background fetch. */

import { Switch } from '@base-ui/react/switch'
import { useEffect } from 'react'
import { useStore } from 'zustand'
import {
  changeNetworkSettings,
  type KeptNetwork,
  networkSettings,
  networksStore,
  readNetworks,
  removeNetwork,
  sentenceForNetwork,
} from '../networks/networks'
import { PlayPackLine } from '../platform/PlayPackLine'
import { Icon } from '../ui/Icon'
import { byteWords, plural } from '../ui/numbers'
import { showToast } from '../ui/toasts'
import { checkpointWords, resultWords, sizeOnPhone, titleOf } from './network_words'
import '../fields/fields.css'
import './on-this-phone.css'

export function OnThisPhone() {
  const networks = useStore(networksStore, (state) => state.networks)
  useEffect(() => {
    readNetworks().catch(() => showToast('The networks could not be read from this phone', { tone: 'bad' }))
  }, [])
  return (
    <div className="on-this-phone">
      <Full />
      <section aria-label="Networks on this phone">
        <h3>{networks.length === 0 ? 'Networks' : summaryOf(networks)}</h3>
        {networks.length === 0 ? (
          <p className="quiet">No network is on this phone yet. The best one of a run comes by itself.</p>
        ) : (
          <ul className="kept-networks">
            {networks.map((network) => (
              <KeptLine key={network.id} network={network} kept={networks} />
            ))}
          </ul>
        )}
      </section>
      <BackgroundFetch />
      <section aria-label="Runtime">
        <h3>Playing offline</h3>
        <PlayPackLine removable />
      </section>
    </div>
  )
}

const summaryOf = (networks: readonly KeptNetwork[]): string =>
  `${plural(networks.length, 'network')} · ${byteWords(networks.reduce((sum, network) => sum + sizeOnPhone(network), 0))}`

/** What to do where the last network did not fit. */
function Full() {
  const isFull = useStore(networksStore, (state) => state.isFull)
  if (!isFull) return null
  return (
    <p className="phone-full" role="alert">
      <Icon name="alert" />
      The last network did not fit on this phone. Remove networks that you no longer need.
    </p>
  )
}

function KeptLine({ network, kept }: { network: KeptNetwork; kept: readonly KeptNetwork[] }) {
  const trouble = useStore(networksStore, (state) => state.trouble[network.id])
  const remove = async () => {
    try {
      const undo = await removeNetwork(network.id)
      const run = () => void undo().catch((error: unknown) => showToast(sentenceForNetwork(error), { tone: 'bad' }))
      showToast(`Removed ${titleOf(network)}`, { undo: { action: `remove ${titleOf(network)}`, run } })
    } catch {
      showToast('The network could not be removed', { tone: 'bad' })
    }
  }
  return (
    <li>
      <div className="kept-words" id={`network-${network.id}`}>
        <b>{network.designName}</b>
        <small>{checkpointWords(network, kept)}</small>
        <small>{resultWords(network)}</small>
        {trouble && <small className="kept-trouble">{trouble}</small>}
      </div>
      <span className="kept-size">{byteWords(sizeOnPhone(network))}</span>
      <button
        type="button"
        className="button"
        data-look="bare"
        data-square
        aria-label="Remove"
        aria-describedby={`network-${network.id}`}
        onClick={() => void remove()}
      >
        <Icon name="bin" />
      </button>
    </li>
  )
}

const LIMITS_MB = [1, 2, 5, 10, 20, 50, 100, 500]

/** The settings of the background fetch: whether, and up to which size. */
export function BackgroundFetch() {
  const { enabled, maxBackgroundMb } = useStore(networkSettings)
  const trouble = useStore(networksStore, (state) => state.backgroundTrouble)
  const limits = [...new Set([...LIMITS_MB, maxBackgroundMb])].sort((a, b) => a - b)
  return (
    <section aria-label="Fetching in the background">
      <h3>Fetching in the background</h3>
      <div className="kept-setting">
        <p id="fetch-help">
          Fetch the best network of a run
          <small>When it has a new best and when it ends, while this app is open and connected.</small>
        </p>
        <Switch.Root
          className="switch"
          aria-label="Fetch the best network of a run"
          aria-describedby="fetch-help"
          checked={enabled}
          onCheckedChange={(checked) => changeNetworkSettings({ enabled: checked })}
        >
          <Switch.Thumb className="switch-thumb" />
        </Switch.Root>
      </div>
      <label className="kept-setting" data-off={!enabled || undefined}>
        <span>
          Up to
          <small>Larger ones are fetched when you tap them.</small>
        </span>
        <select
          aria-label="Largest network fetched in the background"
          disabled={!enabled}
          value={maxBackgroundMb}
          onChange={(event) => changeNetworkSettings({ maxBackgroundMb: Number(event.target.value) })}
        >
          {limits.map((limit) => (
            <option key={limit} value={limit}>
              {limit} MB
            </option>
          ))}
        </select>
      </label>
      {trouble && enabled && (
        <p className="quiet" role="status" aria-label="Background fetch">
          The last one could not be fetched: {trouble}
        </p>
      )}
    </section>
  )
}
