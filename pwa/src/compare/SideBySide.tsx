/** A table with a column for each compared run, which scrolls sideways where the columns do not fit. */

import type { Shown } from './CompareScreen'
import { RunKey } from './RunKey'

export interface SideRow {
  key: string
  title: string
  /** one for each run; null where there is none */
  values: readonly (string | null)[]
  best?: ReadonlySet<number>
}

interface Props {
  /** what the table is called */
  name: string
  shown: readonly Shown[]
  rows: readonly SideRow[]
}

export function SideBySide({ name, shown, rows }: Props) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section className="side-by-side" aria-label={name} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <td />
            {shown.map(({ index }) => (
              <th key={index} scope="col">
                <RunKey index={index} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, title, values, best }) => (
            <tr key={key}>
              <th scope="row">{title}</th>
              {values.map((value, place) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a column is the place of its run
                <td key={place} data-best={best?.has(place) || undefined}>
                  {value ?? <NotKnown />}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

const NotKnown = () => (
  <>
    <span aria-hidden="true">–</span>
    <span className="sr-only">not known</span>
  </>
)
