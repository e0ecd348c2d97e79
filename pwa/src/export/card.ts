/** The content of a model card: what its image shows, and the same as text. */

import type { ModelArchitecture } from '../generated/wire'
import { termOf } from '../runs/labels'
import { type Tile, tilesOf } from '../runs/largest_tiles'
import { duration, exactly, percent, plural, roughly } from '../ui/numbers'
import { fullDay } from '../ui/times'
import { type OfferedRun, scoreOf } from './offers'

export interface Card {
  name: string
  /** "First try · PPO · 30 Nov 2026" */
  subject: string
  /** "baseline, two experts"; empty where the run has none */
  tags: string
  /** null where no game was scored, or none that is known */
  score: { value: string; words: string } | null
  facts: { label: string; value: string }[]
  tiles: Tile[]
  /** under which the tiles stand: "Largest tile, 256 games" */
  tilesTitle: string
  /** whether a score and test games that are missing do not exist; else this phone does not know of them */
  isComplete: boolean
  hash: string
  /** the design of the run; null where the phone cannot have it */
  design: ModelArchitecture | null
}

const HASH_LENGTH = 8

export function cardOf(run: OfferedRun, name: string, design: ModelArchitecture | null): Card {
  const { evaluation } = run
  return {
    name,
    subject: [run.name, termOf(run.algorithm), fullDay(new Date(run.endedAt ?? run.at))].filter(Boolean).join(' · '),
    tags: run.tags.join(', '),
    score: scoreOf(run),
    facts: factsOf(run),
    tiles: evaluation ? tilesOf(evaluation.max_tile_frequency, evaluation.baselines) : [],
    tilesTitle: evaluation ? `Largest tile, ${plural(evaluation.games, 'game')}` : '',
    isComplete: run.onServer,
    hash: run.designHash.slice(0, HASH_LENGTH),
    design,
  }
}

function factsOf({ parameters, trainSeconds, steps, evaluation, score }: OfferedRun): Card['facts'] {
  const facts = [
    { label: 'Parameters', value: parameters > 0 ? exactly(parameters) : '' },
    { label: 'Time trained', value: trainSeconds === null ? '' : duration(trainSeconds) },
    { label: 'Moves', value: roughly(steps) },
    { label: 'Median score', value: evaluation ? rounded(evaluation.median) : '' },
    { label: 'Best mean', value: evaluation && score !== null && score > evaluation.mean ? rounded(score) : '' },
  ]
  return facts.filter(({ value }) => value !== '').slice(0, MAX_FACTS)
}

const MAX_FACTS = 4

const rounded = (value: number): string => exactly(Math.round(value))

/** Everything that the image shows, in sentences. */
export function cardText({ name, subject, tags, score, facts, tiles, tilesTitle, hash, design }: Card): string {
  const shares = tiles.filter(({ share }) => share > 0).map(({ face, share }) => `${face}: ${percent(share)}`)
  const parts = [
    `Model card of ${name}. ${subject}.`,
    tags && `Tags: ${tags}.`,
    score && `${score.value} ${score.words}.`,
    facts.length > 0 && `${facts.map(({ label, value }) => `${label}: ${value}`).join(', ')}.`,
    shares.length > 0 && `${tilesTitle}: ${shares.join(', ')}.`,
    design && `A drawing of its ${design.components.length} blocks.`,
    `Design ${hash}.`,
  ]
  return parts.filter(Boolean).join(' ')
}
