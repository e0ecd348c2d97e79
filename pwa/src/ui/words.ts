/** Words put together, the same in every place of the app. */

import { plural } from './numbers'

/** "At least 1" → "at least 1", to stand inside a sentence. */
export const lowerFirst = (words: string): string => words.charAt(0).toLowerCase() + words.slice(1)

/** "test games skipped" → "Test games skipped", to stand by itself. */
export const upperFirst = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1)

/** What a container says of its content. */
export const insideWords = (count: number): string => (count === 0 ? 'empty' : plural(count, 'block'))
