// @vitest-environment jsdom
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { closeSheet, uiStore } from '../editor/ui_state'
import { startHistory } from '../navigation/history'
import { routeOf } from '../navigation/router'
import { SHORTCUTS, startShortcuts } from './shortcuts'

const stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
  closeSheet()
})

function startAt(hash: string): void {
  window.history.replaceState(null, '', hash)
  stops.push(startHistory(), startShortcuts())
}

it('opens the gallery once, and leaves the address of the list', () => {
  startAt('#/new')
  expect(uiStore.getState().sheet).toEqual({ name: 'templates' })
  expect(window.location.hash).toBe('#/')
  closeSheet()
  startAt(window.location.hash)
  expect(uiStore.getState().sheet).toBeNull()
})

it('does what a shortcut says in an app that is open already', () => {
  startAt('#/d/d1')
  expect(window.location.hash).toBe('#/d/d1')
  window.history.pushState(null, '', '#/templates')
  window.dispatchEvent(new HashChangeEvent('hashchange'))
  expect(uiStore.getState().sheet).toEqual({ name: 'templates' })
})

const publicFolder = join(import.meta.dirname, '..', '..', 'public')
const manifest = JSON.parse(readFileSync(join(publicFolder, 'manifest.webmanifest'), 'utf8'))

it('knows the address of every shortcut in the manifest', () => {
  const hashes: string[] = manifest.shortcuts.map(({ url }: { url: string }) => new URL(url, 'http://phone').hash)
  expect(hashes).toContain('#/new')
  for (const hash of hashes) expect(hash in SHORTCUTS || (routeOf(hash).screen === 'designs' && hash === '#/')).toBe(true)
})

it('names screenshots that exist, of the form that browsers take', () => {
  expect(manifest.screenshots.length).toBeGreaterThan(1)
  for (const { src, sizes } of manifest.screenshots) {
    expect(existsSync(join(publicFolder, src))).toBe(true)
    const [width, height] = sizes.split('x').map(Number)
    expect(Math.max(width, height) / Math.min(width, height)).toBeLessThanOrEqual(2.3)
  }
})
