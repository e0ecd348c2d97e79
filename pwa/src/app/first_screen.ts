/** The two screens of which one is shown at the start, as functions that load them. */

export const loadDesigns = () => import('../designs/DesignsScreen')

export const loadStudio = () => import('./Studio')

/** Whether the address asks for the list of designs. */
export const isList = (): boolean => !location.hash.startsWith('#/d/')

/** Load the screen that the address asks for. */
export const loadFirstScreen = (): Promise<unknown> => (isList() ? loadDesigns() : loadStudio())
