/** The look of the tiles of 2048. */

/** tiles from this exponent on look the same */
export const LARGEST_COLOURED = 12

/** The number on a tile: 2 to the power of its exponent, 0 for an empty cell. */
export const faceOf = (exponent: number): number => (exponent <= 0 ? 0 : 2 ** exponent)

/** The colours of a tile and of its number, from the tokens; all tiles from 4096 on look the same. */
export function tileColours(exponent: number): { background: string; color: string } {
  const place = Math.min(exponent, LARGEST_COLOURED)
  return { background: `var(--tile-${place})`, color: `var(--tile-ink-${place})` }
}
