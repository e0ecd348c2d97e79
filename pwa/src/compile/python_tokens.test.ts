import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { tokenLines } from './python_tokens'

const coloured = (source: string) =>
  tokenLines(source).map((line) => line.map(({ text, kind }) => (kind ? `${kind}:${text}` : text)))

it('colours words of the language, names that are defined, numbers, texts and comments', () => {
  expect(coloured('class Net(Base):  # a net')).toEqual([['keyword:class', ' ', 'name:Net', '(Base):  ', 'comment:# a net']])
  expect(coloured('    return f"a # b" if x is None else 1_000.5e-3')).toEqual([
    [
      ...['    ', 'keyword:return', ' ', 'string:f"a # b"', ' ', 'keyword:if', ' x ', 'keyword:is', ' ', 'number:None'],
      ...[' ', 'keyword:else', ' ', 'number:1_000.5e-3'],
    ],
  ])
  expect(coloured('@torch.no_grad()')).toEqual([['name:@torch.no_grad', '()']])
  expect(coloured('definition = classes(x1)')).toEqual([['definition = classes(x1)']])
})

it('keeps a text over several lines, and one that never ends', () => {
  expect(coloured('"""one\ntwo"""\nx')).toEqual([['string:"""one'], ['string:two"""'], ['x']])
  expect(coloured('"never\nends')).toEqual([['string:"never'], ['ends']])
  expect(coloured('"""never\nends')).toEqual([['string:"""never'], ['string:ends']])
})

it('loses nothing of any generated module', () => {
  const folder = join(import.meta.dirname, '..', '..', '..', 'tests', 'golden')
  const modules = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.py.txt'))
  expect(modules.length).toBeGreaterThan(3)
  for (const name of modules) {
    const source = readFileSync(join(folder, name), 'utf8')
    const lines = tokenLines(source)
    expect(lines.map((line) => line.map(({ text }) => text).join('')).join('\n')).toBe(source)
    expect(lines.flat().some(({ kind }) => kind === 'keyword')).toBe(true)
  }
})
