/** How the newest test games ended, beside random and greedy play: median and the middle half, on one scale. */

import type { ReactNode } from 'react'
import type { Evaluation, PlayedGames } from '../generated/wire'
import { exactly, roughly } from '../ui/numbers'
import './test-games.css'

const NETWORK: Record<Evaluation['policy'], string> = { greedy: 'Best move', sampled: 'Sampled' }
const RULES = { greedy: 'Greedy rule', random: 'Random' }

interface Row {
  name: ReactNode
  games: Pick<PlayedGames, 'median_score' | 'quartiles'>
  rule?: boolean
}

/** The rows of the table: the network first, then the rules it is held against. */
export function rowsOf(evaluations: readonly Evaluation[]): (Row & { name: string })[] {
  const baselines = evaluations.at(-1)?.baselines ?? {}
  const rules = Object.entries(RULES).flatMap(([rule, name]) => {
    const games = baselines[rule]
    return games ? [{ name, games, rule: true }] : []
  })
  return [...evaluations.map((games) => ({ name: NETWORK[games.policy], games })), ...rules]
}

export function TestGames({ evaluations }: { evaluations: readonly Evaluation[] }) {
  const rows = rowsOf(evaluations)
  const most = Math.max(...rows.map(({ games }) => games.quartiles[1]))
  const newest = evaluations.at(-1)
  if (!newest) return null
  return (
    <section className="panel test-games" aria-label="Test games">
      <h2>
        Test games<small>median score after {roughly(newest.steps)} moves</small>
      </h2>
      <table>
        <thead className="sr-only">
          <tr>
            <th>Player</th>
            <th>Middle half of the scores</th>
            <th>Median score</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Line key={row.name} row={row} most={most} />
          ))}
        </tbody>
      </table>
      <p className="quiet">
        The bar is the middle half of the scores. The same {exactly(newest.games)} games each time; the chart shows their mean.
      </p>
    </section>
  )
}

/** The scores of one player on a scale that ends at `most`. */
export function Line({ row: { name, games, rule }, most }: { row: Row; most: number }) {
  const [low, high] = games.quartiles
  const at = (score: number) => `${(100 * score) / most}%`
  return (
    <tr data-rule={rule}>
      <th scope="row">{name}</th>
      <td className="middle-half">
        <span className="sr-only">
          {exactly(Math.round(low))} to {exactly(Math.round(high))}
        </span>
        <span className="range" aria-hidden="true">
          <i style={{ left: at(low), right: `calc(100% - ${at(high)})` }} />
          <b style={{ left: at(games.median_score) }} />
        </span>
        <small aria-hidden="true">
          {roughly(low)} – {roughly(high)}
        </small>
      </td>
      <td>{exactly(Math.round(games.median_score))}</td>
    </tr>
  )
}
