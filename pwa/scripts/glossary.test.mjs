/** Every technical word that the app can show is in the glossary: a word is either plain (`plain_words.txt`) or explained. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { blockKinds, metaForm } from '../src/document/catalogue'
import metrics from '../src/generated/metrics.json' with { type: 'json' }
import training from '../src/generated/training.json' with { type: 'json' }
import { entries, findTerms, lookUp } from '../src/help/glossary'
import { TERMS } from '../src/help/terms'
import { screenTexts, textsIn, wordsOf } from './screen_words.mjs'

const plainFile = join(import.meta.dirname, 'plain_words.txt')
const plain = new Set(readFileSync(plainFile, 'utf8').split('\n').filter(Boolean))

/** A word, and what it may be a form of. */
function formsOf(word) {
  const forms = [word, word.replace(/'s?$/, '')]
  for (const [ending, instead] of [
    ['ies', 'y'],
    ['es', ''],
    ['s', ''],
    ['ed', ''],
    ['d', ''],
    ['ing', ''],
    ['ing', 'e'],
    ['ly', ''],
  ])
    for (const form of [...forms]) if (form.endsWith(ending)) forms.push(form.slice(0, -ending.length) + instead)
  return forms
}

const isPlain = (word) => formsOf(word).some((form) => plain.has(form))
const isExplained = (word) => formsOf(word).some((form) => lookUp(form))

/** The words of a text that are neither plain nor explained. */
function unknownIn(text) {
  let rest = text
  for (const { start, end } of findTerms(text).reverse()) rest = `${rest.slice(0, start)} ${rest.slice(end)}`
  return wordsOf(rest).filter((word) => !isPlain(word) && !isExplained(word) && !word.split('-').every((part) => isPlain(part)))
}

describe('the words on the screens', () => {
  it('are plain, or are explained', () => {
    const unknown = new Map()
    for (const { text, where } of screenTexts()) for (const word of unknownIn(text)) unknown.set(word, where)
    const found = [...unknown].map(([word, where]) => `${word} (${where})`)
    expect(found, 'explain a technical word in src/help/*_terms.ts; list a plain one in scripts/plain_words.txt').toEqual([])
  })

  it('are found in every kind of text, and a new technical word is noticed', () => {
    const source = `
      const WORDS = { one: 'Uses the Fisher matrix' }
      export const View = ({ n }: { n: number }) => (
        <section aria-label="Hessians" className="no words here">
          A quantisation {n > 1 ? 'and a wavelet' : \`or \${n} eigenvalues\`}
        </section>
      )`
    const words = textsIn('View.tsx', source).flatMap(unknownIn)
    expect(words.sort()).toEqual(['eigenvalues', 'fisher', 'hessians', 'quantisation', 'wavelet'])
  })

  it('are listed in order and once, and none is both plain and explained', () => {
    const lines = readFileSync(plainFile, 'utf8').trim().split('\n')
    expect(lines).toEqual([...new Set(lines)].sort())
    const explained = new Set(TERMS.flatMap(({ name, also = [] }) => [name, ...also]).map((word) => word.toLowerCase()))
    expect(lines.filter((word) => explained.has(word))).toEqual([])
  })
})

describe('the glossary', () => {
  it('explains every block, property, setting, metric and algorithm by any of its names', () => {
    const properties = [...metaForm, ...blockKinds.flatMap((block) => block.properties), ...training.settings]
    const names = [
      ...blockKinds.map(({ title }) => title),
      ...properties.flatMap(({ title, name }) => [title, name]),
      ...metrics.flatMap(({ title, term }) => [title, term]),
      ...training.algorithms.flatMap(({ title, term }) => [title, term]),
    ].filter(Boolean)
    expect(names.length).toBeGreaterThan(100)
    expect(names.filter((name) => !lookUp(name))).toEqual([])
    expect(names.filter((name) => findTerms(name).length === 0)).toEqual([])
  })

  it('uses two sentences, and explains no word twice', () => {
    for (const { name, text } of entries) {
      const sentences = text.split(/[.;]\s+(?=\p{Lu}|[a-z])/u)
      expect(sentences.length, name).toBeGreaterThanOrEqual(2)
      expect(text, name).toMatch(/\.$/)
      expect(text.length, name).toBeLessThan(320)
    }
    const words = TERMS.flatMap(({ name, also = [] }) => [name, ...also]).map((word) => word.toLowerCase())
    expect(words.filter((word, index) => words.indexOf(word) !== index)).toEqual([])
  })

  it('finds words and shapes within a sentence, and longer words first', () => {
    const found = (text) => findTerms(text).map(({ start, end, entry }) => [text.slice(start, end), entry.name])
    expect(found('PPO learns from a rollout of afterstate TD, got (B, 16, d).')).toEqual([
      ['PPO', 'PPO'],
      ['rollout', 'rollout'],
      ['afterstate TD', 'afterstate TD'],
      ['(B, 16, d)', 'shape'],
    ])
    expect(found('Active parameters')).toEqual([['Active parameters', 'active parameters']])
    expect(found('explore, tokenise, logistics')).toEqual([])
    expect(found('  Stride ')).toEqual([['Stride', 'Stride']])
    expect(found('in great stride')).toEqual([])
  })
})
