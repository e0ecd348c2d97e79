/** Gives a design to other people: its link, and its file through the share sheet of the phone or as a download. */

import { commitPending } from '../document/pending'
import { documentOf } from '../document/store'
import { fileStem } from '../export/file_name'
import type { ModelArchitecture } from '../generated/wire'
import { canonical } from '../lib/canonical'
import { saveFile } from '../lib/save_file'
import { canShare, shareFile } from '../lib/share_file'
import { getDesign } from '../storage/designs'

/** The design as it is on the screen now, with what is being typed; null where it is not on this phone. */
export async function designToShare(id: string): Promise<ModelArchitecture | null> {
  commitPending()
  return documentOf(id) ?? (await getDesign(id))?.work ?? null
}

/** The file of a design. Some browsers share no `.json` file, so one for the share sheet may be of plain text. */
export function fileOf(design: ModelArchitecture, kind: 'json' | 'text' = 'json'): File {
  const name = `${fileStem(design.name)}.${kind === 'json' ? 'json' : 'txt'}`
  return new File([`${canonical(design)}\n`], name, { type: kind === 'json' ? 'application/json' : 'text/plain' })
}

/** The file that the browser can share; undefined where it shares none. */
export const shareableFile = (design: ModelArchitecture): File | undefined =>
  (['json', 'text'] as const).map((kind) => fileOf(design, kind)).find(canShare)

export type FileOutcome = 'shared' | 'saved' | 'cancelled' | 'needs-tap'

/** Share the file of a design where the browser can, or else save it. */
export async function sendFile(design: ModelArchitecture): Promise<FileOutcome> {
  const file = shareableFile(design)
  const outcome = file ? await shareFile(file, `${design.name}, a design of Model Studio`) : 'refused'
  if (outcome !== 'refused') return outcome
  saveFile(fileOf(design), fileOf(design).name)
  return 'saved'
}

/** Whether the browser has a share sheet for links. */
export const canShareLinks = (): boolean => typeof navigator.share === 'function'

/** Offer a link to other apps; false where the browser refused, such as one that is too long. */
export async function shareLink(name: string, url: string): Promise<boolean> {
  try {
    await navigator.share({ title: name, url })
    return true
  } catch (error) {
    const closed = error instanceof DOMException && (error.name === 'AbortError' || error.name === 'InvalidStateError')
    return closed
  }
}

/** Copy a text; false where the browser does not let it be copied, such as over plain http. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}

/** Whether other devices can reach an address: that of this machine alone leads nowhere on another phone. */
export const isReachable = (origin: string): boolean => !/^https?:\/\/(localhost|127\.|\[::1\])/.test(origin)
