/** Which design of the list has its menu open. */

import { createStore } from 'zustand/vanilla'
import type { StoredDesign } from '../storage/designs'

interface CardMenuState {
  open: { stored: StoredDesign; button: HTMLElement } | null
  /** whether it was ever opened, so that its code is loaded */
  wanted: boolean
}

export const cardMenuStore = createStore<CardMenuState>(() => ({ open: null, wanted: false }))

/** Open the menu of a design at a button. */
export const openCardMenu = (stored: StoredDesign, button: HTMLElement): void =>
  cardMenuStore.setState({ open: { stored, button }, wanted: true })

export const closeCardMenu = (): void => cardMenuStore.setState({ open: null })
