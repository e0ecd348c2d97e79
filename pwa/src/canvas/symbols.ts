/** A symbol for each kind of block, for zooms at which no name can be read; in the order of the catalogue's kinds. */

import { kindNames } from '../document/catalogue'

/** Line drawings on a grid of 24. */
const PATHS: readonly string[] = [
  // what the network reads: a board
  'M4.5 4.5h15v15h-15zM9.5 4.5v15M14.5 4.5v15M4.5 9.5h15M4.5 14.5h15',
  // vectors side by side
  'M4.5 5h3.5v14H4.5zM10.2 5h3.5v14h-3.5zM16 5h3.5v14H16z',
  // each looks at each
  'M5 6l7 12L19 6M5 18L12 6l7 12M5 6v12M19 6v12M12 6v12',
  // several in parallel
  'M12 3v3.5M5.5 9V6.5h13V9M3.5 9h4v6h-4zM10 9h4v6h-4zM16.5 9h4v6h-4zM5.5 15v2.5h13V15M12 15v6',
  // one way of several
  'M12 4v6L5 19M12 10v9M12 10l7 9',
  // one layer on another
  'M4 9l8-4.5L20 9l-8 4.5zM4 14.5l8 4.5 8-4.5',
  // several become one
  'M5 4v3a5 5 0 0 0 5 5h2M19 4v3a5 5 0 0 1-5 5h-2M12 12v8',
  // blocks in a block
  'M4 4h16v16H4zM8 8h8v3H8zM8 14h8v2.5H8z',
  // an arrow that leaves
  'M12 4v11.5M7 11l5 5 5-5M5 20h14',
  // only for a time
  'M12 7.5V12l3 2M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16z',
]

/** The symbol of a kind by its index, an SVG path. */
export const symbolOf = (kind: number): string => PATHS[kind % PATHS.length] as string

const image = (path: string): string =>
  `url("data:image/svg+xml,${encodeURIComponent(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="${path}" fill="none" stroke="#000" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round"/></svg>`,
  )}")`

/** Give `block.css` the symbols, as masks. */
export function provideSymbols(frame: HTMLElement): void {
  for (let kind = 0; kind < kindNames.length; kind++) frame.style.setProperty(`--symbol-${kind}`, image(symbolOf(kind)))
}
