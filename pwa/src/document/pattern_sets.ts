/** Common sets of patterns of cells. */

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
