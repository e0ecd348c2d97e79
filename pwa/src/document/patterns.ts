/** Patterns of cells that tables look up: reading a value, tapping a cell, common sets. */

/** Sets of patterns that are one tap; the first is the default of the block of tables. */
export const PATTERN_SETS: readonly { name: string; patterns: number[][] }[] = [
  {
    name: 'Lines and squares',
    patterns: [
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [0, 1, 4, 5],
      [1, 2, 5, 6],
      [5, 6, 9, 10],
    ],
  },
  {
    name: 'Five cells',
    patterns: [
      [0, 1, 2, 3, 4],
      [4, 5, 6, 7, 8],
      [0, 1, 2, 4, 5],
      [1, 2, 5, 6, 9],
      [4, 5, 6, 8, 9],
      [0, 1, 2, 5, 6],
    ],
  },
  {
    name: 'Axes and rectangles',
    patterns: [
      [0, 1, 2, 3, 4, 5],
      [4, 5, 6, 7, 8, 9],
      [0, 1, 2, 4, 5, 6],
      [4, 5, 6, 8, 9, 10],
    ],
  },
]

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
