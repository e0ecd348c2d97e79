/** The screens of the app; each is loaded when it is first opened. */

import { later, missingScreen } from '../ui/later'
import { loadDesigns, loadStudio } from './first_screen'

export const DesignsScreen = later(loadDesigns, (parts) => parts.DesignsScreen, missingScreen('Designs'))

export const Studio = later(loadStudio, (parts) => parts.Studio, missingScreen('Design'))

const loadCode = () => import('../compile/CodeScreen')
export const CodeScreen = later(loadCode, (parts) => parts.CodeScreen, missingScreen('Code'))

const loadRuns = () => import('./run_screens')
export const TrainScreen = later(loadRuns, (parts) => parts.TrainScreen, missingScreen('Train'))
export const Results = later(loadRuns, (parts) => parts.Results, missingScreen('Results'))
