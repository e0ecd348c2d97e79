/**
 * The entries of the browser's history: one for each place, and above it one for each open layer, which Back takes off first.
 *
 * An entry of a layer has the address of the place it lies over. It is pushed when the layer opens and taken back when the
 * layer closes by itself. One that stays behind (a typed address, a reload, Forward) is passed over. Nothing is pushed
 * while Back is handled: browsers skip entries that were pushed without a tap.
 */

import { closeLayers, layerCount, leaveLayers, onLayers } from './layers'

interface Entry {
  /** the position among the entries of the app; undefined in one that a typed address made */
  at?: number
  /** the number of layers that are open at this entry */
  layer?: number
  /** the address that led to this place */
  from?: string
}

const MAX_TRAVEL_MS = 1000

let at = 0
/** the highest position there is, as far as it is known */
let top = 0
/** whether a step through the history was asked for and has not arrived */
let travelling = false
let patience: ReturnType<typeof setTimeout> | undefined
/** the newest navigation asked for meanwhile */
let queued: (() => void) | undefined
/** the address that the place under the open layers is to have */
let held: { at: number; href: string } | undefined

const entryNow = (): Entry => (window.history.state ?? {}) as Entry
const depthNow = (): number => entryNow().layer ?? 0

/** The address of the place that is shown; the list has one address, written in two ways. */
export const placeNow = (): string => window.location.hash || '#/'

/** The address that led to the place that is shown, where it is known. */
export const cameFrom = (): string | undefined => entryNow().from

/** Keep the history in step with the layers from now on; returns a function that stops this. */
export function startHistory(): () => void {
  const entry = entryNow()
  at = entry.at ?? 0
  top = at
  travelling = false
  queued = undefined
  write({ ...entry, at })
  const stopLayers = onLayers(() => queueMicrotask(match))
  window.addEventListener('popstate', arrive)
  window.addEventListener('hashchange', noteNew)
  window.addEventListener('click', followLink)
  match()
  return () => {
    stopLayers()
    clearTimeout(patience)
    window.removeEventListener('popstate', arrive)
    window.removeEventListener('hashchange', noteNew)
    window.removeEventListener('click', followLink)
  }
}

/** Go to a place and close every layer; a step to where one came from is a step back. */
export function navigate(href: string): void {
  whenStill(() => {
    const [entry, place, depth] = [entryNow(), placeNow(), depthNow()]
    if (href === place) return closeLayers()
    leaveLayers()
    if (entry.from === href) travel(-1 - depth)
    else if (depth > 0 && at < top) {
      queued = () => navigate(href)
      travel(-depth)
    } else {
      if (depth > 0) write({ at, from: place }, href)
      else push({ from: place }, href)
      window.dispatchEvent(new HashChangeEvent('hashchange'))
    }
  })
}

/** Give the place that is shown another address; layers stay open over it. */
export function replacePlace(href: string): void {
  whenStill(() => {
    const depth = depthNow()
    if (depth > 0) held = { at: at - depth, href }
    write(entryNow(), href)
    window.dispatchEvent(new HashChangeEvent('hashchange'))
  })
}

function whenStill(then: () => void): void {
  if (travelling) queued = then
  else then()
}

/** Safari refuses more than 100 entries in a short time: a layer then has none, a place gets a plain one. */
function push(entry: Entry, href: string): void {
  try {
    window.history.pushState({ ...entry, at: at + 1 }, '', href)
    at += 1
    top = at
  } catch {
    goPlainly(href)
  }
}

function write(entry: Entry, href = window.location.href): void {
  try {
    window.history.replaceState(entry, '', href)
  } catch {
    goPlainly(href)
  }
}

function goPlainly(href: string): void {
  if (href !== window.location.href && href !== placeNow()) window.location.hash = href
}

function travel(by: number): void {
  travelling = true
  clearTimeout(patience)
  patience = setTimeout(still, MAX_TRAVEL_MS)
  window.history.go(by)
}

function still(): void {
  clearTimeout(patience)
  travelling = false
  const next = queued
  queued = undefined
  next?.()
}

/** Push an entry for each layer that has none, or take back those of layers that are closed. */
function match(): void {
  if (travelling) return
  const depth = depthNow()
  const wanted = layerCount()
  if (depth > wanted) travel(wanted - depth)
  for (let layer = depth + 1; layer <= wanted; layer++) push({ ...entryNow(), layer }, window.location.href)
}

/** Another entry is shown: by Back or Forward, or by a step of our own. */
function arrive(): void {
  if (noteNew()) return
  const own = travelling
  const position = entryNow().at ?? at
  const isForward = position > at
  at = position
  top = Math.max(top, at)
  const depth = depthNow()
  if (held?.at === at) write(entryNow(), held.href)
  if (held && held.at >= at) held = undefined
  if (depth > layerCount()) {
    travel(isForward && at < top ? 1 : layerCount() - depth)
    return
  }
  if (!own) closeLayers(depth)
  still()
  match()
}

/** A typed address, or another page's link, has made an entry above the one before. */
function noteNew(): boolean {
  if (entryNow().at !== undefined) return false
  at += 1
  top = at
  held = undefined
  write({ at })
  leaveLayers()
  return true
}

/** A link of the app is a navigation like any other; what opens it in another tab is left to the browser. */
function followLink(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>('a[href^="#"]') : null
  const elsewhere = event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey
  if (!link || elsewhere || event.defaultPrevented) return
  event.preventDefault()
  navigate(link.getAttribute('href') as string)
}
