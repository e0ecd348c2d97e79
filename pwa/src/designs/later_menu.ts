/** The menu of a design, loaded after the list. */

import { later } from '../ui/later'

const loadMenu = () => import('./CardMenu')
const Nothing = () => null

export const LaterCardMenu = later(loadMenu, (parts) => parts.CardMenu, Nothing)
