/** Keeps the URL in step with the open design and container: links, Back and taps on a container all work through it. */

import { findComponent } from '../document/edits'
import { bodyOf, insideOf } from '../document/inside'
import { documentStore, enter, openBody, select } from '../document/store'
import { currentRoute, goTo, type Place, type Route, replaceRoute } from '../navigation/router'
import { sessionStore, wantDesign } from './session'
import { uiStore } from './ui_state'

/** whether the next navigation was made by the user, so that it gets a history entry */
let stepping = false

/** Follow the address, and let it follow what opens and closes containers; returns a function that stops this. */
export function startPlaces(): () => void {
  const stop = documentStore.subscribe((state, before) => {
    if (state.design?.id !== before.design?.id) followAddress()
    else if (state.inside !== before.inside) {
      uiStore.setState({ connecting: null, menu: null, selecting: false, wire: null })
      tellAddress()
    }
  })
  window.addEventListener('hashchange', followAddress)
  followAddress()
  return () => {
    stop()
    window.removeEventListener('hashchange', followAddress)
  }
}

/** Ask for the design of the address; what was open on the screen of the one before goes. It stays open behind results of runs. */
function followDesign(route: Route): void {
  const id = route.id ?? null
  if (route.screen === 'results' || id === sessionStore.getState().wanted) return
  void wantDesign(id)
  uiStore.setState({ sheet: null, connecting: null, menu: null, selecting: false, wire: null })
}

function followAddress(): void {
  const route = currentRoute()
  followDesign(route)
  const { design, inside } = documentStore.getState()
  if (route.screen !== 'design' || route.id !== design?.id || (route.inside ?? null) === inside) return
  uiStore.setState({ sheet: null })
  enter(route.inside ?? null)
  tellAddress()
}

function tellAddress(): void {
  const route = currentRoute()
  const { design, inside } = documentStore.getState()
  if (route.screen !== 'design' || route.id !== design?.id || (route.inside ?? null) === inside) return
  if (stepping) goTo(designRoute())
  else replaceRoute(designRoute())
}

/** The address of the design where it is open now. */
function designRoute(): Place {
  const { design, inside } = documentStore.getState()
  if (!design) return { screen: 'designs' }
  return { screen: 'design', id: design.id, ...(inside ? { inside } : {}) }
}

/** Open a container, or with null the whole design, as a step that the back button takes back. */
export function goInside(container: string | null): void {
  uiStore.setState({ sheet: null })
  stepping = true
  enter(container)
  stepping = false
  if (currentRoute().screen !== 'design') showDesign()
}

/** Show the design, where it is open now, in the place of another screen. */
export function showDesign(): void {
  goTo(designRoute())
}

/** Leave the open container, which is then selected; false when the whole design is shown already. */
export function goOutside(): boolean {
  const { design, inside } = documentStore.getState()
  const component = design && inside ? findComponent(design, inside) : undefined
  if (!component) return false
  goInside(insideOf(component))
  select([component.id])
  return true
}

/** Show the place where a component lies. */
export function goWhere(id: string): void {
  const state = documentStore.getState()
  const component = state.design && findComponent(state.design, id)
  if (!state.design || !component) return
  const inside = insideOf(component)
  goInside(inside === openBody(state) ? state.inside : bodyOf(state.design, inside))
}
