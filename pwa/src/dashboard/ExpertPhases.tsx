/** Which experts work in which phase of a game: a table of experts by the largest tile of the boards of the newest test games. */

import type { CSSProperties } from 'react'
import type { Evaluation, ExpertPhases as Phases } from '../generated/wire'
import { percent, roughly } from '../ui/numbers'
import { expertsNamed } from './DeadExperts'
import './phases.css'

interface Props {
  /** undefined where the server is older */
  experts: Evaluation['experts'] | undefined
  titleOf: (id: string) => string
}

export function ExpertPhases({ experts = {}, titleOf }: Props) {
  return Object.entries(experts).map(([id, phases]) => <PhaseTable key={id} title={titleOf(id)} phases={phases} />)
}

function PhaseTable({ title, phases }: { title: string; phases: Phases }) {
  const rows = rowsOf(phases)
  const all = overallOf(rows)
  const unit = phases.whole_boards ? 'boards' : 'cells of the boards'
  return (
    <section className="panel phases" aria-label={`Experts of ${title} by largest tile`}>
      <h2>
        Experts by largest tile<small>{title}, newest test games</small>
      </h2>
      <table>
        <thead>
          <tr>
            <th scope="col">Tile</th>
            {all.map((_, expert) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: an expert is its number
              <th key={expert} scope="col">
                <span className="phase-expert" style={colourOf(expert)}>
                  <span className="sr-only">Expert </span>
                  {expert + 1}
                </span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ tile, boards, shares }) => (
            <tr key={tile} title={`${roughly(boards)} boards`}>
              <th scope="row">{tile}</th>
              <Shares shares={shares} />
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">All</th>
            <Shares shares={all} />
          </tr>
        </tfoot>
      </table>
      <p className="quiet">
        The share of the {unit} with this largest tile that each expert works on. {verdictOf(phases)}
      </p>
    </section>
  )
}

function Shares({ shares }: { shares: readonly number[] }) {
  return shares.map((share, expert) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: an expert is its number
    <td key={expert} style={{ ...colourOf(expert), '--share': share } as CSSProperties}>
      {percent(share)}
    </td>
  ))
}

const colourOf = (expert: number): CSSProperties => ({ '--expert': `var(--expert-${expert})` }) as CSSProperties

interface Row {
  tile: number
  boards: number
  shares: readonly number[]
}

/** The rows of the table, small tiles first. */
export function rowsOf({ boards, shares }: Phases): Row[] {
  return Object.entries(shares)
    .map(([tile, ofTile]) => ({ tile: Number(tile), boards: boards[tile] ?? 0, shares: ofTile }))
    .sort((one, other) => one.tile - other.tile)
}

/** The share of all boards, or cells, that each expert works on. */
export function overallOf(rows: readonly Row[]): number[] {
  const boards = rows.reduce((sum, row) => sum + row.boards, 0)
  return (rows[0]?.shares ?? []).map((_, expert) =>
    rows.reduce((sum, row) => sum + ((row.shares[expert] ?? 0) * row.boards) / Math.max(1, boards), 0),
  )
}

function verdictOf({ whole_boards, dead_experts }: Phases): string {
  if (!whole_boards) return ''
  if (dead_experts.length === 0) return 'Every expert plays at least 1 % of all boards.'
  return `${expertsNamed(dead_experts)} ${dead_experts.length === 1 ? 'plays' : 'play'} less than 1 % of all boards.`
}
