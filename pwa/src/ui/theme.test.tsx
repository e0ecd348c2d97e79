import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { onScheme, schemeNow, setEdge, setTheme, startTheme, themeNow } from './theme'

/** A system whose colour scheme can be changed. */
const system = Object.assign(new EventTarget(), { matches: false })
function turn(dark: boolean): void {
  system.matches = dark
  system.dispatchEvent(new Event('change'))
}

const shown = () => document.documentElement.dataset.theme
const bars = () => [...document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')].map(({ content }) => content)

let stop: () => void
beforeEach(() => {
  vi.stubGlobal('matchMedia', () => system)
  system.matches = false
  localStorage.clear()
  document.head.innerHTML = `<meta name="theme-color" media="(prefers-color-scheme: light)"><meta name="theme-color">
    <style>
      :root { --paper: #eee; --surface: #fff }
      :root[data-theme="dark"] { --paper: #111; --surface: #222 }
    </style>`
  setEdge('--paper')
  stop = startTheme()
})
afterEach(() => {
  stop()
  vi.unstubAllGlobals()
})

it('is that of the system, also when the system changes it', () => {
  expect([themeNow(), shown(), bars()]).toEqual(['system', 'light', ['#eee', '#eee']])
  turn(true)
  expect([shown(), schemeNow(), bars()]).toEqual(['dark', 'dark', ['#111', '#111']])
})

it('is the chosen one, whatever the system says, and stays chosen', () => {
  setTheme('dark')
  turn(false)
  expect([shown(), bars()]).toEqual(['dark', ['#111', '#111']])
  stop()
  stop = startTheme()
  expect(themeNow()).toBe('dark')
  setTheme('system')
  expect(shown()).toBe('light')
})

it('gives the bars of the system the colour of what touches them', () => {
  setEdge('--surface')
  expect(bars()).toEqual(['#fff', '#fff'])
  setTheme('dark')
  expect(bars()).toEqual(['#222', '#222'])
})

it('tells those who draw with its colours', () => {
  const heard = vi.fn()
  const stopHearing = onScheme(heard)
  setTheme('dark')
  setTheme('dark')
  stopHearing()
  setTheme('light')
  expect(heard).toHaveBeenCalledTimes(1)
})
