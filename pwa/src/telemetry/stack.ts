/** Shortens the stack of an error to file names of this app, lines and columns; nothing else of it is kept. */
import { NO_ERROR } from './event_words'

const MAX_LETTERS = 2_000
const FRAME = /([a-z][a-z-]*:\/\/[^\s()]+?):(\d{1,9}):(\d{1,9})\b/gi
/** the last part of an address without query and fragment */
const FILE = /\/([\w.-]{1,110}\.(?:m?js|wasm|tsx?))(?:[?#].*)?$/

/** `file:line:column` for each frame in a file of this app, innermost first; frames of other sites and of extensions are left out. */
export function shortStack(stack: string, message = '', origin = globalThis.location?.origin ?? ''): string {
  // browsers put the message before the frames, and it may contain what a person wrote
  const frames = message ? stack.replace(message, '') : stack
  const lines: string[] = []
  let letters = 0
  for (const [, address = '', line, column] of frames.matchAll(FRAME)) {
    if (!address.startsWith(`${origin}/`)) continue
    const file = FILE.exec(address)?.[1]
    if (!file) continue
    const frame = `${file}:${line}:${column}`
    letters += frame.length + 1
    if (letters > MAX_LETTERS) break
    lines.push(frame)
  }
  return lines.join('\n')
}

const NAME = /^[A-Za-z_]\w{0,63}$/
/** the kinds of the language, as browsers put them before the message of an error in a worker */
const IN_MESSAGE = /^(?:Uncaught )?(?:(?:Eval|Range|Reference|Syntax|Type|URI|Aggregate|Internal)?Error)(?=:|$)/

/** The kind of an error, such as `TypeError`, of an error in a worker by its message; other values that were thrown are `Thrown`. */
export function nameOf(error: unknown, message = ''): string {
  const kind = IN_MESSAGE.exec(message)?.[0].replace('Uncaught ', '') ?? NO_ERROR
  const name = error instanceof Error || error instanceof DOMException ? error.name : kind
  return NAME.test(name) ? name : 'Error'
}
