/** Shares as bars: largest tiles of recent games, and the experts of each mixture. */

import type { Evaluation, MixtureUsage } from '../generated/wire'
import { RULES, type Tile, tilesOf } from '../runs/largest_tiles'
import { percent } from '../ui/numbers'
import './bars.css'

const TALLEST_PX = 64
const EXPERT_COLOURS = 8
type Shares = Record<string, number>

/** The largest tile of games, as a share of them, and how often random and greedy play get there. */
export function TileBars({ frequency, baselines }: { frequency: Shares; baselines?: Evaluation['baselines'] | undefined }) {
  const tiles = tilesOf(frequency, baselines)
  if (Object.keys(frequency).length === 0) return <p className="quiet">No game has ended yet.</p>
  const most = Math.max(...tiles.flatMap(({ share, greedy, random }) => [share, greedy ?? 0, random ?? 0]))
  return (
    <>
      <ol className="tile-bars">
        {tiles.map((tile) => (
          <TileBar key={tile.face} tile={tile} most={most} />
        ))}
      </ol>
      {baselines?.greedy && (
        <p className="line-key" aria-hidden="true">
          <span data-line="greedy">greedy</span>
          <span data-line="random">random</span>
        </p>
      )}
    </>
  )
}

function TileBar({ tile, most }: { tile: Tile; most: number }) {
  const height = (share: number) => Math.max(2, (share / most) * TALLEST_PX)
  return (
    <li>
      <span className="bar-value">{percent(tile.share)}</span>
      <div style={{ height: TALLEST_PX }}>
        <i style={{ height: height(tile.share) }} />
        {RULES.map((rule) => tile[rule] && <s key={rule} data-line={rule} style={{ bottom: height(tile[rule]) }} />)}
      </div>
      <b>{tile.face}</b>
      <span className="sr-only">{RULES.map((rule) => tile[rule] && ` ${rule} ${percent(tile[rule])}`)}</span>
    </li>
  )
}

/** How the tokens were shared among the experts of each layer, and the entropy of its router. */
export function ExpertBars({ usage, titleOf }: { usage: MixtureUsage; titleOf: (id: string) => string }) {
  return (
    <div className="expert-bars">
      {Object.entries(usage.layers).map(([id, shares]) => (
        <section key={id} aria-label={`Experts of ${titleOf(id)}`}>
          <h3>
            {titleOf(id)}
            {usage.router_entropy[id] !== undefined && <small>router {percent(usage.router_entropy[id])} undecided</small>}
          </h3>
          <ol>
            {shares.map((share, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: an expert is its number
              <li key={index}>
                <b>
                  <span className="sr-only">Expert </span>
                  {index + 1}
                </b>
                <i style={{ background: `var(--expert-${index % EXPERT_COLOURS})`, width: `${Math.max(2, share * 100)}%` }} />
                <span>{percent(share)}</span>
              </li>
            ))}
          </ol>
        </section>
      ))}
    </div>
  )
}
