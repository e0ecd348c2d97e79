/** The menu of a design, which is loaded once the list is there. */

import { later } from '../ui/later'

const loadMenu = () => import('./CardMenu')
const Nothing = () => null

export const LaterCardMenu = later(loadMenu, (parts) => parts.CardMenu, Nothing)
