/** Results of runs: some of them side by side, or the leaderboard, as the address says. */

import type { ReactNode } from 'react'
import { cameFrom } from '../navigation/history'
import { comparedRuns } from '../navigation/results'
import { useHash } from '../navigation/router'
import { Icon } from '../ui/Icon'
import { CompareScreen } from './CompareScreen'
import { LeaderboardScreen } from './LeaderboardScreen'
import './results.css'

export function Results() {
  const runs = comparedRuns(useHash())
  if (!runs)
    return (
      <Frame title="Leaderboard">
        <LeaderboardScreen />
      </Frame>
    )
  return (
    <Frame title="Compare runs">
      <CompareScreen runIds={runs} />
    </Frame>
  )
}

function Frame({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="results">
      <header className="results-head">
        <a className="button" data-look="bare" data-square href={cameFrom() ?? '#/'} aria-label="Back">
          <Icon name="back" />
        </a>
        <h1>{title}</h1>
      </header>
      <main>{children}</main>
    </div>
  )
}
