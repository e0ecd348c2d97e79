/** The glossary: every technical word with its meaning, from `terms.ts` and from the tables of blocks, settings, metrics and algorithms. */

import { blockKinds, metaForm } from '../document/catalogue'
import { keywordsOf } from '../document/keywords'
import metrics from '../generated/metrics.json' with { type: 'json' }
import training from '../generated/training.json' with { type: 'json' }
import type { Metric, Property } from '../generated/wire'
import { TERMS } from './terms'

export interface Entry {
  /** lower case, unique */
  key: string
  name: string
  text: string
  /** what kind of word it is, as the list shows it */
  kind: 'word' | 'block' | 'property' | 'setting' | 'metric' | 'algorithm'
}

interface Source {
  entry: Entry
  /** words that stand for it within a sentence */
  words: readonly string[]
  /** labels that stand for it only where they are the whole text, since they are plain words elsewhere */
  labels: readonly string[]
}

const settings = training.settings as unknown as readonly Property[]

const keyOf = (text: string): string => text.trim().toLowerCase()

const source = (
  kind: Entry['kind'],
  name: string,
  text: string,
  words: readonly string[],
  labels: readonly string[],
): Source => ({
  entry: { key: keyOf(name), name, text, kind },
  words,
  labels,
})

const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`

function ofTerms(): Source[] {
  return TERMS.map(({ name, also = [], text }) => source('word', name, text, [name, ...also], []))
}

function ofBlocks(): Source[] {
  return blockKinds.map(({ type, title, summary }) =>
    source('block', title, `${summary} Also found as ${listed(keywordsOf(type))}.`, isSpecific(title) ? [title] : [], [title]),
  )
}

/** A title of several words, which means nothing else within a sentence. */
const isSpecific = (title: string): boolean => title.includes(' ')

function ofProperties(): Source[] {
  const forms = new Map<string, { form: Property; titles: string[] }>()
  for (const form of metaForm) forms.set(form.name, { form, titles: ['the whole design'] })
  for (const { title, properties } of blockKinds)
    for (const form of properties) {
      const known = forms.get(form.name) ?? { form, titles: [] }
      forms.set(form.name, { ...known, titles: [...known.titles, title] })
    }
  return [...forms.values()].map(({ form, titles }) =>
    source('property', form.title, `${form.help} A property of ${listed(titles)}.`, namesIn(form), [form.title, form.name]),
  )
}

/** The name in code, where it is no plain word. */
const namesIn = ({ name }: Property): string[] => (name.includes('_') ? [name] : [])

function ofSettings(): Source[] {
  return settings.map((form) =>
    source('setting', form.title, `${form.help} A setting of a run, called ${form.name}.`, namesIn(form), [
      form.title,
      form.name,
    ]),
  )
}

function ofMetrics(): Source[] {
  return (metrics as unknown as readonly Metric[]).map(({ title, meaning, term }) =>
    source(
      'metric',
      title,
      `${meaning} ${term ? `Practitioners call it ${term}.` : 'A run reports it while it trains.'}`,
      isSpecific(term ?? '') ? [term as string] : [],
      [title, term ?? ''].filter(Boolean),
    ),
  )
}

function ofAlgorithms(): Source[] {
  return training.algorithms.map(({ title, term, help }) =>
    source('algorithm', title, `${help} Practitioners call it ${term}.`, [], [title, term]),
  )
}

const sources: Source[] = [...ofTerms(), ...ofBlocks(), ...ofAlgorithms(), ...ofMetrics(), ...ofSettings(), ...ofProperties()]

/** Words within sentences, and labels, in lower case; what comes first in `sources` wins. */
const byWord = new Map<string, Entry>()
const byLabel = new Map<string, Entry>()
const byKey = new Map<string, Entry>()
for (const { entry, words, labels } of sources) {
  if (!byKey.has(entry.key)) byKey.set(entry.key, entry)
  for (const word of words) if (!byWord.has(keyOf(word))) byWord.set(keyOf(word), entry)
  for (const label of labels) if (!byLabel.has(keyOf(label))) byLabel.set(keyOf(label), entry)
}

const SHAPE = byWord.get('shape')

/** Every entry once, by name. */
export const entries: readonly Entry[] = [...byKey.values()].sort((a, b) => (a.key < b.key ? -1 : 1))

/** The entry of a word, a label or a name in code; undefined where there is none. */
export const lookUp = (text: string): Entry | undefined => {
  const key = keyOf(text)
  return byWord.get(key) ?? byLabel.get(key) ?? byKey.get(key)
}

export interface Found {
  start: number
  end: number
  entry: Entry
}

const escaped = (word: string): string => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\s+/g, '\\s+')

/** A shape such as `(B, 16, d)`, or any of the words, the longest first. */
const pattern = new RegExp(
  `\\((?:B|N)(?:, ?[^(),]+)*,?\\)|(?<![\\p{L}\\p{N}_])(?:${[...byWord.keys()]
    .sort((a, b) => b.length - a.length)
    .map(escaped)
    .join('|')})(?![\\p{L}\\p{N}_])`,
  'giu',
)

/** What is quoted is the name of a design or of a button. */
const QUOTED = /“[^”]*”/g

/** The technical words in a text, in order; without those in quoted names. */
export function findTerms(text: string): Found[] {
  const whole = byLabel.get(keyOf(text))
  if (whole) {
    const start = text.length - text.trimStart().length
    return [{ start, end: start + text.trim().length, entry: byWord.get(keyOf(text)) ?? whole }]
  }
  const prose = text.replace(QUOTED, (name) => '“'.repeat(name.length))
  return [...prose.matchAll(pattern)].flatMap(({ 0: found, index }) => {
    const entry = found.startsWith('(') ? SHAPE : byWord.get(found.toLowerCase().replace(/\s+/g, ' '))
    return entry ? [{ start: index, end: index + found.length, entry }] : []
  })
}
