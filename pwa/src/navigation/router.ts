/** Where the person is, read from the address after `#`; it loads nothing. */

import { useSyncExternalStore } from 'react'
import { navigate, replacePlace } from './history'

export type Screen = 'design' | 'code' | 'train' | 'play' | 'sweeps'
/** `inside` is the open container; without it the top level of the design is shown. */
export type Route = { screen: 'designs' } | { screen: Screen; id: string; inside?: string }

const STUDIO = /^#\/d\/([a-z][a-z0-9_]{0,63})(?:\/(code|train|play|sweeps)|\/in\/([a-z][a-z0-9_]{0,63}))?$/

/** Read `#/`, `#/d/<id>`, `#/d/<id>/in/<container>`, `#/d/<id>/code`, `#/d/<id>/train`, `#/d/<id>/sweeps` or `#/d/<id>/play`; anything else is the list. */
export function routeOf(hash: string): Route {
  const [, id, screen, inside] = STUDIO.exec(hash) ?? []
  if (!id) return { screen: 'designs' }
  return { screen: (screen as Screen | undefined) ?? 'design', id, ...(inside ? { inside } : {}) }
}

export const hrefOf = (route: Route): string => {
  if (route.screen === 'designs') return '#/'
  if (route.screen !== 'design') return `#/d/${route.id}/${route.screen}`
  return route.inside ? `#/d/${route.id}/in/${route.inside}` : `#/d/${route.id}`
}

/** Go somewhere; going back to where one came from is a step back, so that the phone's own back button does not return. */
export const goTo = (route: Route): void => navigate(hrefOf(route))

/** Show another address in the place of this one. */
export const replaceRoute = (route: Route): void => replacePlace(hrefOf(route))

export const currentRoute = (): Route => routeOf(window.location.hash)

const subscribe = (changed: () => void): (() => void) => {
  window.addEventListener('hashchange', changed)
  return () => window.removeEventListener('hashchange', changed)
}

export function useRoute(): Route {
  const hash = useSyncExternalStore(subscribe, () => window.location.hash)
  return routeOf(hash)
}
