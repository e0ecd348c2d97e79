/** Checks the rows of kept networks when they are read: the browser or another version may have left parts that are not usable. */
import type { KeptNetwork } from './database'

type Fields = Record<string, unknown>

const isRecord = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)
const isWord = (value: unknown): value is string => typeof value === 'string' && value !== ''
const numberOrNull = (value: unknown): number | null => (isNumber(value) ? value : null)

const WORDS = ['id', 'runId', 'designId', 'checkpoint', 'sha256'] as const
const TEXTS = ['designName', 'designHash', 'algorithm'] as const
const NUMBERS = ['steps', 'parameters', 'bytes', 'order'] as const

/**
 * The row of a network as it can be used; undefined where what identifies it, its hash or its size is missing, so that the network
 * is fetched again. What only describes it becomes null, and so does a file for looking inside without hash or size.
 */
export function networkRow(value: unknown): KeptNetwork | undefined {
  if (!isRecord(value) || !isUsable(value)) return undefined
  const { score, evaluation, trainSeconds, inspectBytes, inspectSha256, largestDifference, checkedBoards, automatic } = value
  const hasInspect = isNumber(inspectBytes) && isWord(inspectSha256)
  const checked = {
    ...value,
    score: numberOrNull(score),
    evaluation: isEvaluation(evaluation) ? evaluation : null,
    trainSeconds: numberOrNull(trainSeconds),
    ...(hasInspect ? {} : { inspectBytes: null, inspectSha256: null }),
    largestDifference: numberOrNull(largestDifference),
    checkedBoards: numberOrNull(checkedBoards),
    automatic: automatic === true,
  }
  return checked as unknown as KeptNetwork
}

const isUsable = (row: Fields): boolean =>
  WORDS.every((field) => isWord(row[field])) &&
  TEXTS.every((field) => typeof row[field] === 'string') &&
  NUMBERS.every((field) => isNumber(row[field])) &&
  typeof row.keptAt === 'string' &&
  Number.isFinite(Date.parse(row.keptAt))

function isEvaluation(value: unknown): boolean {
  if (!isRecord(value)) return false
  const { mean, median, games, max_tile_frequency: tiles, baselines } = value
  const areNumbers = isNumber(mean) && isNumber(median) && isNumber(games)
  return areNumbers && isRecord(tiles) && Object.values(tiles).every(isNumber) && isRecord(baselines)
}
