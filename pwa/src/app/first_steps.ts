/** Offers the first steps to who opens the app for the first time, which shows by a list of designs that is empty. */

import { libraryStore } from '../designs/library'
import { offerCoach } from '../help/coach'

/** Decide once the list of designs has been read for the first time. */
export function startFirstSteps(): void {
  const stop = libraryStore.subscribe(({ designs }) => {
    if (!designs) return
    stop()
    offerCoach(designs.length > 0)
  })
}
