/** How the designs of the other runs differ from that of the first one. */

import type { DesignDifference } from '../generated/wire'
import { DifferenceLines } from '../history/DifferenceLines'
import { linesOf } from '../history/difference_marks'
import type { Shown } from './CompareScreen'
import { letterOf, RunKey } from './RunKey'
import type { DesignNames } from './useDesignNames'

interface Props {
  shown: readonly Shown[]
  differences: Readonly<Record<string, DesignDifference>>
  /** why differences are missing */
  trouble: string | undefined
  nameOf: DesignNames
}

export function CompareDesigns({ shown, differences, trouble, nameOf }: Props) {
  const [first, ...others] = shown
  if (!first) return null
  return (
    <section className="panel compare-designs" aria-labelledby="compare-designs">
      <h2 id="compare-designs">Designs, compared with {letterOf(first.index)}</h2>
      {others.map((other) => {
        const { run, design } = other.record
        const name = nameOf(run.design_id, design?.name)
        const heading = (
          <>
            <RunKey index={other.index} /> <span data-no-terms>{name}</span>
          </>
        )
        const difference = differences[run.id]
        if (difference)
          return (
            <DifferenceLines
              key={run.id}
              title={`Design of ${letterOf(other.index)}, compared with ${letterOf(first.index)}`}
              heading={heading}
              none="The same design."
              lines={linesOf(difference)}
            />
          )
        return (
          <div key={run.id}>
            <h3 className="version-heading">{heading}</h3>
            <p className="quiet">{insteadOf(first, other, trouble)}</p>
          </div>
        )
      })}
    </section>
  )
}

/** What is said where there is no list of differences. */
function insteadOf(first: Shown, other: Shown, trouble: string | undefined): string {
  if (first.record.run.design_hash === other.record.run.design_hash) return `The same network as ${letterOf(first.index)}.`
  if (!first.record.design || !other.record.design) return 'The design of a run can no longer be read on the server.'
  return trouble ?? 'Being worked out…'
}
