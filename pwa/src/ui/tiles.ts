/** The look of the tiles of 2048. */

const LARGEST_COLOURED = 12

/** The number on a tile: 2 to the power of its exponent, 0 for an empty cell. */
export const faceOf = (exponent: number): number => (exponent <= 0 ? 0 : 2 ** exponent)

/** The style of a tile: its colour and the colour of its number, from the tokens; all tiles from 4096 on look the same. */
export function tileColours(exponent: number): Record<string, string> {
  const place = Math.min(exponent, LARGEST_COLOURED)
  return { '--tile': `var(--tile-${place})`, '--tile-ink': `var(--tile-ink-${place})` }
}
