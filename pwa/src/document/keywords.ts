/** Other words by which a block is found. */

import keywords from '../generated/keywords.json' with { type: 'json' }

const byType: Record<string, readonly string[]> = keywords

/** The keywords of a block, by its type. */
export const keywordsOf = (type: string): readonly string[] => byType[type] ?? []
