/** Whether the person turned notifications on here. */

import { persisted } from '../lib/persisted'

export const wanted = persisted('model-studio-notifications', (stored) => stored === true)
