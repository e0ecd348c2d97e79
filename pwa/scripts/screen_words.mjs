// Collects the texts that the app can show: prose in its sources, and the titles and sentences of the generated tables.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSync } from 'vite'

const src = join(import.meta.dirname, '..', 'src')

/** Attributes whose text is shown or read aloud; other attributes are for the browser. */
const SHOWN_ATTRIBUTES = /^(aria-label|aria-description|title|note|placeholder|label|alt|text|words|heading|action)$/
/** Keys of the generated tables whose texts are shown. */
const SHOWN_KEYS = ['title', 'summary', 'help', 'meaning', 'term', 'axis', 'default_text', 'unit', 'good_for']
/** What a literal looks like that is a sentence, a part of one, or a label. */
const PROSE = /^[\p{Lu}][\p{Ll}]+$|\p{L}{2,}[,.:;)…’”]* +\(?[“]?\p{L}/u
const NO_PROSE =
  /sans-serif|monospace|prefers-|display-mode|(min|max)-\w+:|[=<>{}[\]|#$@\\]|\w\.\w+\(|--|: \w+;|(^|\s)\.\w|translate\(|px\b/

/** Names of libraries, and the words of Python. */
const NO_SCREEN = ['app_settings/licences.ts', 'compile/python_tokens.ts']

/** Every text with the file it is in. */
export function screenTexts() {
  const texts = []
  for (const name of readdirSync(src, { recursive: true }).sort()) {
    const file = name.split('/').at(-1)
    if (
      !/\.tsx?$/.test(name) ||
      /\.test\.|^test_|\.d\.ts$/.test(file) ||
      name.startsWith('generated') ||
      NO_SCREEN.includes(name)
    )
      continue
    for (const text of textsIn(name, readFileSync(join(src, name), 'utf8'))) texts.push({ text, where: name })
  }
  for (const table of ['blocks', 'training', 'metrics', 'formats', 'gallery'])
    for (const text of shownIn(generated(table))) texts.push({ text, where: `generated/${table}.json` })
  for (const text of stringsIn(generated('messages'))) texts.push({ text, where: 'generated/messages.json' })
  for (const { name } of generated('templates')) texts.push({ text: name, where: 'generated/templates.json' })
  return texts
}

const generated = (table) => JSON.parse(readFileSync(join(src, 'generated', `${table}.json`), 'utf8'))

function* stringsIn(value) {
  if (typeof value === 'string') yield value
  else if (value && typeof value === 'object') for (const part of Object.values(value)) yield* stringsIn(part)
}

function* shownIn(value, key = '') {
  if (typeof value === 'string') {
    if (SHOWN_KEYS.includes(key)) yield value
  } else if (value && typeof value === 'object') {
    for (const [name, part] of Object.entries(value)) yield* shownIn(part, Array.isArray(value) ? key : name)
  }
}

/** The texts in one source file. */
export function textsIn(name, source) {
  const { program, errors } = parseSync(name, source)
  if (errors.length > 0) throw new Error(`${name}: ${errors[0].message}`)
  const texts = []
  visit(program, false)
  return texts

  function visit(node, shown) {
    if (Array.isArray(node)) for (const part of node) visit(part, shown)
    if (!node || typeof node !== 'object' || Array.isArray(node)) return
    if (/^(Import|Export(All|Named))Declaration$/.test(node.type) && node.source) return
    if (node.type === 'TSLiteralType' || isForDevelopers(node)) return
    if (node.type === 'JSXText') add(node.value, true)
    else if (node.type === 'Literal' && typeof node.value === 'string') add(node.value, shown)
    else if (node.type === 'TemplateLiteral') {
      add(node.quasis.map(({ value }) => value.cooked).join(' '), shown)
      visit(node.expressions, shown)
    } else if (node.type === 'JSXAttribute') {
      const attribute = node.name.name
      if (SHOWN_ATTRIBUTES.test(attribute)) visit(node.value, true)
      else if (node.value?.type === 'JSXExpressionContainer') visit(node.value, false)
    } else if (node.type === 'JSXElement' || node.type === 'JSXFragment') {
      visit(node.openingElement, false)
      visit(node.children, true)
    } else if (node.type === 'ConditionalExpression') {
      visit(node.test, false)
      visit([node.consequent, node.alternate], shown)
    } else if (node.type === 'LogicalExpression') {
      visit(node.left, false)
      visit(node.right, shown)
    } else for (const part of Object.values(node)) visit(part, node.type === 'JSXExpressionContainer' && shown)
  }

  function add(text, shown) {
    if (shown ? /\p{L}/u.test(text) : PROSE.test(text) && !NO_PROSE.test(text)) texts.push(text)
  }
}

/** Errors and the console are read by developers. */
const isForDevelopers = ({ type, callee }) =>
  (type === 'NewExpression' && /Error$/.test(callee.name ?? '')) ||
  (type === 'CallExpression' && callee.object?.name === 'console')

/** The words of a text in lower case, without what stands for a value. */
export const wordsOf = (text) =>
  [...text.replace(/\{[^}]*\}/g, ' ').matchAll(/[\p{L}][\p{L}\p{N}_]*(?:[’'-][\p{L}\p{N}]+)*/gu)]
    .map(([word]) => word.toLowerCase().replaceAll('’', "'"))
    .filter((word) => word.length > 1 && !/^\p{L}\d+$/u.test(word))
