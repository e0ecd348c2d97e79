import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const src = join(import.meta.dirname, '..', 'src')
const sources = readdirSync(src, { recursive: true })
  .filter((name) => /\.tsx?$/.test(name) && !/\.test\.tsx?$/.test(name) && !name.startsWith('generated'))
  .map((name) => ({ name, folder: name.split('/')[0], text: readFileSync(join(src, name), 'utf8') }))

test('the history of the browser is touched in one place', () => {
  const touching = sources.filter(({ text }) =>
    /\bhistory\.(go|back|forward|pushState|replaceState|state)\b|\blocation\.hash =/.test(text),
  )
  expect(touching.map(({ name }) => name)).toEqual(['navigation/history.ts'])
})

test('Intl is used in one place, which has an answer for a locale that does not exist', () => {
  const using = sources.filter(({ text }) => /\bnew Intl\b|\bIntl\.\w|\.toLocale\w*\(|\.localeCompare\(/.test(text))
  expect(using.map(({ name }) => name)).toEqual(['ui/locale.ts'])
})

test('what shows a failed start imports nothing of the app', () => {
  const mine = sources.filter(({ folder }) => folder === 'failure')
  expect(mine.length).toBeGreaterThan(2)
  for (const { text } of mine) {
    const imported = text.split('\n').filter((line) => /^import (?!type)/.test(line))
    expect(imported.filter((line) => !/'\.\/[\w.]+'/.test(line))).toEqual([])
  }
})

test('no block is named outside src/generated', () => {
  const { blocks } = JSON.parse(readFileSync(join(src, 'generated', 'blocks.json'), 'utf8'))
  const telling = blocks.map((block) => block.type).filter((type) => type.includes('_'))
  expect(telling.length).toBeGreaterThan(5)
  const named = new RegExp(`\\b(${telling.join('|')})\\b`)
  expect(sources.filter(({ text }) => named.test(text)).map(({ name }) => name)).toEqual([])
})

test('nothing is fetched from elsewhere', () => {
  const elsewhere = sources.filter(({ text }) => /https?:\/\/(?!phone\b)/.test(text.replaceAll('http://www.w3.org', '')))
  expect(elsewhere.map(({ name }) => name)).toEqual([])
})
