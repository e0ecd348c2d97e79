import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, it, vi } from 'vitest'

class Media extends EventTarget {
  matches = false
}
let phone: Media
const shown = () => document.documentElement.dataset.theme

beforeEach(() => {
  localStorage.clear()
  vi.resetModules()
  phone = new Media()
  vi.stubGlobal('matchMedia', () => phone)
  document.head.innerHTML = '<meta name="theme-color" content="#ffffff">'
})

it('follows the phone until the person chooses, and then keeps what was chosen', async () => {
  const { chooseTheme, isDark, onTheme, startTheme, themeNow } = await import('./theme')
  startTheme()
  expect([themeNow(), shown()]).toEqual(['system', 'light'])
  const heard = vi.fn()
  onTheme(heard)
  phone.matches = true
  phone.dispatchEvent(new Event('change'))
  expect([shown(), isDark(), heard.mock.calls.length]).toEqual(['dark', true, 1])
  chooseTheme('light')
  expect([shown(), isDark()]).toEqual(['light', false])
  expect(document.querySelector('meta')?.content).toBe('#ffffff')
  vi.resetModules()
  const again = await import('./theme')
  again.startTheme()
  expect([again.themeNow(), shown()]).toEqual(['light', 'light'])
  localStorage.setItem('model-studio-theme', 'dark')
  window.dispatchEvent(new StorageEvent('storage', { key: 'model-studio-theme' }))
  expect(shown()).toBe('dark')
  expect(document.querySelector('meta')?.content).toBe('#1c1e23')
})

it('works where nothing can be remembered, and with what another version wrote', async () => {
  localStorage.setItem('model-studio-theme', 'sepia')
  const { chooseTheme, startTheme, themeNow } = await import('./theme')
  startTheme()
  expect(themeNow()).toBe('system')
  vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
    throw new DOMException('full', 'QuotaExceededError')
  })
  chooseTheme('dark')
  expect([themeNow(), shown()]).toEqual(['dark', 'dark'])
  vi.restoreAllMocks()
})

it('every stylesheet follows the chosen theme, and none the phone itself', () => {
  const src = join(import.meta.dirname, '..')
  const sheets = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.css'))
  expect(sheets.length).toBeGreaterThan(10)
  expect(sheets.filter((name) => readFileSync(join(src, name), 'utf8').includes('prefers-color-scheme'))).toEqual([])
})
