/** Parses and formats pairing codes. */

const ALPHABET = /[^0-9A-HJKMNP-TV-Z]/g
const LENGTH = 12
const GROUP = 4

/** The code in a scanned or typed text, which is an address that ends with it or the code itself; undefined if there is none. */
export function codeIn(text: string): string | undefined {
  const last = text.trim().split(/[#/]/).at(-1) ?? ''
  const letters = last.toUpperCase().replace(/O/g, '0').replace(/[IL]/g, '1').replace(ALPHABET, '')
  return letters.length === LENGTH ? grouped(letters) : undefined
}

/** `7K3M9QXD2HVB` as `7K3M-9QXD-2HVB`. */
function grouped(letters: string): string {
  const groups = []
  for (let at = 0; at < letters.length; at += GROUP) groups.push(letters.slice(at, at + GROUP))
  return groups.join('-')
}
