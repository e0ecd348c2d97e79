/** Train and results of runs, loaded as one part: they share charts and tables, and every further part makes the first screens larger. */

import { whenIdle } from '../lib/when_idle'
import { ExportSheet } from './LaterSheets'

export { Results } from '../compare/Results'
export { TrainScreen } from '../train/TrainScreen'

// what is tapped next where a run has ended; if it cannot be loaded now, it is when it is opened
whenIdle(() => void ExportSheet.preload().catch(() => {}))
