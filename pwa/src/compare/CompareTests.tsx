/** The newest test games of each compared run, on one scale. */

import { Line } from '../dashboard/TestGames'
import { exactly } from '../ui/numbers'
import type { Shown } from './CompareScreen'
import { letterOf, RunKey } from './RunKey'
import type { Test } from './run_record'

interface Tested {
  index: number
  test: Test
}

export function CompareTests({ shown }: { shown: readonly Shown[] }) {
  const tested = shown.flatMap(({ index, record }) => {
    const test = record.tests.at(-1)
    return test ? [{ index, test }] : []
  })
  const untested = shown.filter(({ record }) => record.tests.length === 0).map(({ index }) => letterOf(index))
  const most = Math.max(...tested.map(({ test }) => test.quartiles[1]))
  return (
    <section className="panel test-games" aria-label="Test games">
      <h2>
        Test games<small>median score</small>
      </h2>
      {tested.length > 0 && (
        <table>
          <thead className="sr-only">
            <tr>
              <th>Run</th>
              <th>Middle half of the scores</th>
              <th>Median score</th>
            </tr>
          </thead>
          <tbody>
            {tested.map(({ index, test }) => (
              <Line key={index} row={{ name: <RunKey index={index} />, games: test }} most={most} />
            ))}
          </tbody>
        </table>
      )}
      {tested.length > 0 && <p className="quiet">The bar is the middle half of the scores; {gamesOf(tested)}.</p>}
      {untested.length > 0 && <p className="quiet">No test games: {untested.join(', ')}.</p>}
    </section>
  )
}

/** How many games were played, where that is the same for all. */
function gamesOf(tested: readonly Tested[]): string {
  const counts = new Set(tested.map(({ test }) => test.games))
  const [games] = counts
  return counts.size === 1 && games !== undefined
    ? `the same ${exactly(games)} games for each run`
    : 'not as many games for each run'
}
