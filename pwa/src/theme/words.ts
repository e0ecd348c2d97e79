/** Words put together, the same in every place of the app. */

/** "At least 1" → "at least 1", to stand inside a sentence. */
export const lowerFirst = (words: string): string => words.charAt(0).toLowerCase() + words.slice(1)
