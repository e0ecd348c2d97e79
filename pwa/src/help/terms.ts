/** What technical terms mean, in two plain sentences each; terms of blocks, settings, metrics and algorithms come from their tables. */

import { APP_TERMS } from './app_terms'
import { NETWORK_TERMS } from './network_terms'
import type { Term } from './term'
import { TRAINING_TERMS } from './training_terms'

export const TERMS: readonly Term[] = [...NETWORK_TERMS, ...TRAINING_TERMS, ...APP_TERMS]
