/** Where the person is, read from the address after `#`; it loads nothing. */

import { useSyncExternalStore } from 'react'

export type Screen = 'design' | 'code' | 'train'
export type Route = { screen: 'designs' } | { screen: Screen; id: string }

/** Read `#/`, `#/d/<id>`, `#/d/<id>/code` or `#/d/<id>/train`; anything else is the list. */
export function routeOf(hash: string): Route {
  const found = /^#\/d\/([a-z][a-z0-9_]{0,63})(?:\/(code|train))?$/.exec(hash)
  if (!found?.[1]) return { screen: 'designs' }
  return { screen: (found[2] as Screen | undefined) ?? 'design', id: found[1] }
}

export const hrefOf = (route: Route): string => {
  if (route.screen === 'designs') return '#/'
  return route.screen === 'design' ? `#/d/${route.id}` : `#/d/${route.id}/${route.screen}`
}

export function goTo(route: Route): void {
  window.location.hash = hrefOf(route)
}

export const currentRoute = (): Route => routeOf(window.location.hash)

const subscribe = (changed: () => void): (() => void) => {
  window.addEventListener('hashchange', changed)
  return () => window.removeEventListener('hashchange', changed)
}

export function useRoute(): Route {
  const hash = useSyncExternalStore(subscribe, () => window.location.hash)
  return routeOf(hash)
}
