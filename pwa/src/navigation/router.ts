/** Where the person is, read from the address after `#`; it loads nothing. */

import { useSyncExternalStore } from 'react'
import { navigate, replacePlace } from './history'

export type Screen = 'design' | 'code' | 'train' | 'play' | 'sweeps'
/** `inside` is the open container; without it the top level of the design is shown. */
export type Place = { screen: 'designs'; id?: never } | { screen: Screen; id: string; inside?: string }
/** `results`: runs side by side, or the leaderboard; `results.ts` reads the rest of its address. */
export type Route = Place | { screen: 'results'; id?: never }

export const LEADERBOARD = '#/leaderboard'

const STUDIO = /^#\/d\/([a-z][a-z0-9_]{0,63})(?:\/(code|train|play|sweeps)|\/in\/([a-z][a-z0-9_]{0,63}))?$/

/**
 * Read `#/`, `#/d/<id>`, `#/d/<id>/in/<container>`, `#/d/<id>/code`, `#/d/<id>/train`, `#/d/<id>/sweeps`, `#/d/<id>/play`, `#/leaderboard` or
 * `#/compare/<runs>`; anything else is the list.
 */
export function routeOf(hash: string): Route {
  const [, id, screen, inside] = STUDIO.exec(hash) ?? []
  if (!id) return { screen: /^#\/(leaderboard$|compare\/)/.test(hash) ? 'results' : 'designs' }
  return { screen: (screen as Screen | undefined) ?? 'design', id, ...(inside ? { inside } : {}) }
}

export const hrefOf = (route: Place): string => {
  if (route.screen === 'designs') return '#/'
  if (route.screen !== 'design') return `#/d/${route.id}/${route.screen}`
  return route.inside ? `#/d/${route.id}/in/${route.inside}` : `#/d/${route.id}`
}

/** Go somewhere; going back to where one came from is a step back, so that the phone's own back button does not return. */
export const goTo = (route: Place): void => navigate(hrefOf(route))

/** Show another address in the place of this one. */
export const replaceRoute = (route: Place): void => replacePlace(hrefOf(route))

export const currentRoute = (): Route => routeOf(window.location.hash)

const subscribe = (changed: () => void): (() => void) => {
  window.addEventListener('hashchange', changed)
  return () => window.removeEventListener('hashchange', changed)
}

/** The address after `#`, also of a screen that reads more of it than `Route` has. */
export const useHash = (): string => useSyncExternalStore(subscribe, () => window.location.hash)

export const useRoute = (): Route => routeOf(useHash())
