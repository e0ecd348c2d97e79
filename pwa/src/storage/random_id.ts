/** Ids made on the phone, offline, also over plain http where `crypto.randomUUID` is missing. */

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** `prefix` and 15 random characters of [a-z0-9]: 77 bits. */
export function randomId(prefix: string): string {
  let id = prefix
  while (id.length < prefix.length + 15) {
    for (const byte of crypto.getRandomValues(new Uint8Array(32))) {
      // 252 = 7 * 36: bytes above it would favour the first letters
      if (byte < 252 && id.length < prefix.length + 15) id += LETTERS[byte % 36]
    }
  }
  return id
}

export const newDesignId = (): string => randomId('d')
