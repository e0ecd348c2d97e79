/** Loaders of the two screens that can be shown at the start. */

export const loadDesigns = () => import('../designs/DesignsScreen')

export const loadStudio = () => import('./Studio')

/** Whether the address is that of the list of designs. */
export const isList = (): boolean => !location.hash.startsWith('#/d/')

/** Load the screen of the address. */
export const loadFirstScreen = (): Promise<unknown> => (isList() ? loadDesigns() : loadStudio())
