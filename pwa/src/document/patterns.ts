/** Patterns of cells that tables look up: reading a value, tapping a cell. */

/** The patterns of a value; what is none is left out, since validation reports it. */
export function patternsOf(value: unknown): number[][] {
  if (!Array.isArray(value)) return []
  return value.map((cells) => (Array.isArray(cells) ? cells.filter((cell): cell is number => Number.isInteger(cell)) : []))
}

/** The pattern with a cell added in its order on the board, or removed; the last cell stays. */
export function toggled(pattern: readonly number[], cell: number): number[] {
  if (!pattern.includes(cell)) return [...pattern, cell].sort((a, b) => a - b)
  return pattern.length === 1 ? [...pattern] : pattern.filter((one) => one !== cell)
}

/** Few words for a list of patterns, as `5 patterns of 4 cells`. */
export function patternWords(value: unknown): string {
  const patterns = patternsOf(value)
  const sizes = [...new Set(patterns.map(({ length }) => length))].sort((a, b) => a - b)
  return `${patterns.length} × ${sizes.join(', ')} cells`
}
