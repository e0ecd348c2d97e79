/** Splits Python text into the parts that are coloured; it knows the words of the language, not its grammar. */

type Kind = 'keyword' | 'string' | 'number' | 'name' | 'comment'

export interface Token {
  text: string
  /** left out for what has no colour of its own */
  kind?: Kind
}

const KEYWORDS = new Set(
  (
    'and as assert async await break class continue def del elif else except finally for from global if import in is lambda ' +
    'nonlocal not or pass raise return try while with yield'
  ).split(' '),
)
const CONSTANTS = new Set(['True', 'False', 'None'])

const PARTS = [
  /(?<comment>#[^\n]*)/,
  /(?<string>[rbfuRBFU]{0,2}(?:"""[\s\S]*?(?:"""|$)|'''[\s\S]*?(?:'''|$)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?))/,
  /(?<number>\b(?:0[xX][\da-fA-F_]+|\d[\d_]*(?:\.[\d_]*)?(?:[eE][+-]?\d+)?))/,
  /(?<word>[A-Za-z_]\w*)/,
  /(?<decorator>@[\w.]+)/,
  /(?<rest>\s+|[\s\S])/,
]

/** The lines of a Python text, each as its parts; joined they are the text again. */
export function tokenLines(source: string): Token[][] {
  const lines: Token[][] = [[]]
  const part = new RegExp(PARTS.map(({ source: pattern }) => pattern).join('|'), 'g')
  let before = ''
  for (const { groups = {}, 0: text } of source.matchAll(part)) {
    const kind = kindOf(groups, before)
    if (text.trim()) before = text
    append(lines, text, kind)
  }
  return lines
}

function kindOf(groups: Record<string, string>, before: string): Kind | undefined {
  const { comment, string, number, word, decorator } = groups
  if (comment !== undefined) return 'comment'
  if (string !== undefined) return 'string'
  if (number !== undefined) return 'number'
  if (decorator !== undefined) return 'name'
  if (word === undefined) return undefined
  if (before === 'def' || before === 'class') return 'name'
  if (KEYWORDS.has(word)) return 'keyword'
  return CONSTANTS.has(word) ? 'number' : undefined
}

/** Add a part to the last line; neighbours without a colour are one, and a string may go over several lines. */
function append(lines: Token[][], text: string, kind: Kind | undefined): void {
  text.split('\n').forEach((piece, index) => {
    if (index > 0) lines.push([])
    if (!piece) return
    const line = lines.at(-1) as Token[]
    const last = line.at(-1)
    if (last && last.kind === undefined && kind === undefined) last.text += piece
    else line.push(kind ? { text: piece, kind } : { text: piece })
  })
}
