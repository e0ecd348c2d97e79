/** What the compared runs came to, and how large and how fast their networks are. */

import type { Shown } from './CompareScreen'
import { factsOf } from './facts'
import { SideBySide } from './SideBySide'
import type { Size } from './sizes'

interface Props {
  shown: readonly Shown[]
  sizes: Readonly<Record<string, Size>>
  /** why sizes are missing */
  trouble: string | undefined
}

export function CompareFacts({ shown, sizes, trouble }: Props) {
  const facts = factsOf(
    shown.map(({ record }) => record),
    sizes,
  )
  return (
    <section className="panel" aria-labelledby="compare-facts">
      <h2 id="compare-facts">Numbers</h2>
      <SideBySide name="Numbers of the runs" shown={shown} rows={facts.map((fact) => ({ key: fact.title, ...fact }))} />
      {trouble && <p className="quiet">Parameters, multiply-adds and memory: {trouble}</p>}
    </section>
  )
}
