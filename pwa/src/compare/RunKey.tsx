/** The letter of a compared run in the colour of its curve. */

const LETTERS = 'ABCDEF'

export const letterOf = (index: number): string => LETTERS[index] ?? '?'

/** The name of the colour token of a run. */
export const colourOf = (index: number): string => `--expert-${index}`

export function RunKey({ index }: { index: number }) {
  return (
    <b className="run-key" style={{ background: `var(${colourOf(index)})` }}>
      {letterOf(index)}
    </b>
  )
}
