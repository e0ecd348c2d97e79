/**
 * A design as a link `<origin>/#/import/<data>`: no server is needed, since the design is in the part behind `#`, which browsers
 * do not send.
 *
 * `<data>` is the design's canonical JSON, compressed (deflate, RFC 1951) and written in base64url (RFC 4648) without padding. A
 * later form begins with a number and a dot.
 */

import type { ModelArchitecture } from '../generated/wire'
import { canonical } from '../lib/canonical'

/** What stands between the origin and the data. */
export const IMPORT_PLACE = '#/import/'

/** Larger links have no QR code: its squares would be too small for a camera. */
export const MAX_QR_BYTES = 2000
/** Links beyond this are cut by some apps. */
export const LONG_LINK_BYTES = 8000
/** of the data in a link */
export const MAX_DATA = 1_000_000
/** of the design in a link; the largest design there can be takes less than half of it */
export const MAX_JSON_BYTES = 4_000_000

/** Why a link cannot be read, as a sentence. */
export class BadLink extends Error {}

const DAMAGED = 'This link is damaged: a part of it is missing or changed. Ask for it again, or for the design as a file.'
const TOO_LARGE = 'This link holds more than a design can have, so it is not opened.'
const NEWER = 'This link was made by a newer version of Model Studio. Update the app, then open it again.'
const NO_COMPRESSION = 'This browser cannot read links to designs. Update it, or ask for the design as a file.'

/** Whether this browser can make and read links. */
export const canLink = (): boolean => typeof CompressionStream === 'function' && typeof DecompressionStream === 'function'

/** The link to a design; the same design always has the same one. */
export async function linkOf(design: ModelArchitecture, origin: string): Promise<string> {
  const stream = new Blob([canonical(design)]).stream().pipeThrough(new CompressionStream('deflate-raw'))
  return `${origin}/${IMPORT_PLACE}${base64url(new Uint8Array(await new Response(stream).arrayBuffer()))}`
}

const FOUND = /#\/import\/([\w.~-]*)/

/** The data of the first link in a text, whatever its origin; undefined where there is none. */
export const dataIn = (text: string): string | undefined => FOUND.exec(text)?.[1]

/** The JSON in the link that a text holds, whatever is written around it. Rejects with `BadLink`. */
export async function jsonInLink(text: string): Promise<string> {
  if (!canLink()) throw new BadLink(NO_COMPRESSION)
  const data = dataIn(text) ?? ''
  if (/^\d+\./.test(data)) throw new BadLink(NEWER)
  // a sentence may end behind the link
  const plain = data.replace(/[.~]+$/, '')
  try {
    return await inflated(plain)
  } catch (error) {
    // some apps break long lines
    const whole = dataIn(text.replace(/\s+/g, ''))
    if (whole === undefined || whole === data || !(error instanceof BadLink) || error.message !== DAMAGED) throw error
    return await inflated(whole)
  }
}

async function inflated(data: string): Promise<string> {
  if (data.length > MAX_DATA) throw new BadLink(TOO_LARGE)
  const bytes = bytesOf(data)
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader()
  const parts: Uint8Array<ArrayBuffer>[] = []
  let size = 0
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      size += part.value.byteLength
      if (size > MAX_JSON_BYTES) throw new BadLink(TOO_LARGE)
      parts.push(part.value)
    }
    if (size === 0) throw new BadLink(DAMAGED)
    return new TextDecoder('utf-8', { fatal: true }).decode(await new Blob(parts).arrayBuffer())
  } catch (error) {
    // what a small text would grow into is not waited for
    reader.cancel().catch(() => {})
    throw error instanceof BadLink ? error : new BadLink(DAMAGED)
  }
}

const CHUNK = 0x8000

function base64url(bytes: Uint8Array): string {
  let binary = ''
  for (let at = 0; at < bytes.length; at += CHUNK) binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK))
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

function bytesOf(data: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(data.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0))
  } catch {
    throw new BadLink(DAMAGED)
  }
}
