/** The question before an undo takes back what somebody else changed, in plain words. */

import { PlaceWords } from '../document/place_words'
import { placeOf } from '../document/places'
import type { Question } from '../document/store'
import type { Component, ModelArchitecture } from '../generated/wire'

export interface QuestionWords {
  title: string
  /** one sentence for each thing that somebody changed */
  changes: string[]
  /** what the undo would do to the first of them */
  effect: string
  revert: string
  keep: string
}

/** Longest value, in characters, that fits on a button. */
const MAX_VALUE = 12

export function questionWords({ log, contested }: Question, design: ModelArchitecture): QuestionWords {
  const verb = log === 'past' ? 'Undo' : 'Redo'
  const known = contested.flatMap(({ after }) => (isComponent(after) ? [after] : []))
  const words = new PlaceWords([design], known)
  const changes = contested.map(({ path, after, now }) => {
    const place = words.place(path)
    if (placeOf(path)?.of === 'component') return `${place} was changed on another device.`
    if (JSON.stringify(now) === JSON.stringify(after))
      return `${place.replace(/^Container of /, '')} was connected on another device.`
    return `${place} was changed to ${words.value(path, now)} on another device.`
  })
  const [first] = contested
  const removes = first && placeOf(first.path)?.of === 'component'
  const now = first ? words.value(first.path, first.now) : ''
  const keepsValue = contested.length === 1 && !removes && now.length <= MAX_VALUE
  return {
    title: `${verb} anyway?`,
    changes,
    effect: removes ? `${verb} removes it.` : first ? `${verb} sets it to ${words.value(first.path, first.before)}.` : '',
    revert: `${verb} anyway`,
    keep: keepsValue ? `Keep ${now}` : contested.length === 1 ? 'Keep it' : 'Keep them',
  }
}

const isComponent = (value: unknown): value is Component => typeof value === 'object' && value !== null && 'type' in value
