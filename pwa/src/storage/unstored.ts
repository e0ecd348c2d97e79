/** The edits of this page that are not on the disk yet, by design id: what `designs.ts` reads on top of the stored rows. */
import type { ModelArchitecture } from '../generated/wire'
import type { Origin } from './database'

/** The newest edit of one design. */
export interface UnstoredEdit {
  work: ModelArchitecture
  /** the stored revision it was made on */
  revision: number
  /** what that revision was made from */
  origin?: Origin
}

export const unstored = new Map<string, UnstoredEdit>()
