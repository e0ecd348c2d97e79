/** Shares as bars: largest tiles of recent games, and the experts of each mixture. */

import { bucketOf, RAMP } from '../draw/heat'
import { percent } from '../theme/numbers'
import './bars.css'

const MOST_TILES = 6

/** The largest tile of recent games, as a share of them. */
export function TileBars({ frequency }: { frequency: Record<string, number> }) {
  const tiles = Object.entries(frequency)
    .map(([face, share]) => ({ face: Number(face), share }))
    .filter(({ share }) => share > 0.0005)
    .sort((a, b) => a.face - b.face)
    .slice(-MOST_TILES)
  if (tiles.length === 0) return <p className="quiet">No game has ended yet.</p>
  const most = Math.max(...tiles.map(({ share }) => share))
  return (
    <ol className="tile-bars">
      {tiles.map(({ face, share }) => (
        <li key={face}>
          <span className="bar-value">{percent(share)}</span>
          <i style={{ height: `${Math.max(3, (share / most) * 64)}px` }} />
          <b>{face}</b>
        </li>
      ))}
    </ol>
  )
}

/** How the cells were shared among the experts of each layer. */
export function ExpertBars({ layers, titleOf }: { layers: Record<string, number[]>; titleOf: (id: string) => string }) {
  return (
    <div className="expert-bars">
      {Object.entries(layers).map(([id, shares]) => (
        <section key={id} aria-label={`Experts of ${titleOf(id)}`}>
          <h3>{titleOf(id)}</h3>
          <ol>
            {shares.map((share, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: an expert is its number
              <li key={index}>
                <i style={{ backgroundColor: RAMP[bucketOf(share, shares.length)], width: `${Math.max(2, share * 100)}%` }} />
                <span>{percent(share)}</span>
              </li>
            ))}
          </ol>
        </section>
      ))}
    </div>
  )
}
