/** Train and results of runs, loaded as one part: they share charts and tables, and every further part makes the first screens larger. */

export { Results } from '../compare/Results'
export { TrainScreen } from '../train/TrainScreen'
