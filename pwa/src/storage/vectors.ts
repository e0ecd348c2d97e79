/** Version vectors: which changes of which clients a version of a design includes. */

/** The newest change of each client that is included, by client id. */
export type VersionVector = Record<string, number>

/** Whether a version with the vector `whole` includes everything that one with `part` does. */
export function includes(whole: VersionVector, part: VersionVector): boolean {
  return Object.entries(part).every(([client, change]) => change <= (whole[client] ?? -1))
}

/** The vector of a version that includes both. */
export function joined(one: VersionVector, other: VersionVector): VersionVector {
  const result = { ...one }
  for (const [client, change] of Object.entries(other)) result[client] = Math.max(change, result[client] ?? -1)
  return result
}
