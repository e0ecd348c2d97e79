/** The addresses of runs side by side. */

/** The most runs that are compared at once, each in a colour of its own. */
export const MAX_COMPARED = 6

const COMPARE = '#/compare/'
const RUN = /^[a-z][a-z0-9_]{0,63}$/

export const compareHref = (runIds: readonly string[]): string => COMPARE + runIds.join(',')

/** The runs that an address compares, each once and at most six; undefined of any other address. */
export function comparedRuns(hash: string): string[] | undefined {
  if (!hash.startsWith(COMPARE)) return undefined
  const ids = hash.slice(COMPARE.length).split(',')
  return [...new Set(ids.filter((id) => RUN.test(id)))].slice(0, MAX_COMPARED)
}
