/** Small pieces of sentences that several screens share. */

import { plural } from './numbers'

/** "At least 1" → "at least 1", to stand inside a sentence. */
export const lowerFirst = (words: string): string => words.charAt(0).toLowerCase() + words.slice(1)

/** "test games skipped" → "Test games skipped", to stand by itself. */
export const upperFirst = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1)

/** The number of blocks in a container as text, such as "3 blocks". */
export const insideWords = (count: number): string => (count === 0 ? 'empty' : plural(count, 'block'))
