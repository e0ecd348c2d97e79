/** The page shown in place of an app that could not start or stopped: the reason, a retry, and the designs as a file. */

import { readDesigns, saveDesigns } from './stored_designs'
import './failure.css'
import { newestVersion } from './newest_version'

/** The browser has no IndexedDB, so no design could be stored. */
export class NoStorage extends Error {
  override readonly name = 'NoStorage'
}

let shown = false

/** Show the page in place of the app; errors after the first one are only logged. */
export function showFailure(error: unknown, title = 'Model Studio could not start'): void {
  console.error(error)
  if (shown) return
  shown = true
  const root = document.getElementById('root')
  if (root) root.hidden = true
  const page = make('main', { className: 'failure' }, [
    make('h1', { textContent: title }),
    make('p', { textContent: reasonFor(error) }),
    make('pre', { textContent: detailOf(error) }),
    tryAgainButton(),
    ...designsPart(),
  ])
  page.setAttribute('role', 'alert')
  document.body.append(page)
}

function reasonFor(error: unknown): string {
  const name = error instanceof Error || error instanceof DOMException ? error.name : ''
  if (name === 'VersionError') return 'A newer version of the app has been used on this phone. Try again to load it.'
  if (name === 'QuotaExceededError') return 'This phone is full. Free some space, then try again.'
  if (name === 'NoStorage' || name === 'SecurityError' || error instanceof DOMException)
    return 'This browser keeps no data for this page, so no design could be stored. Leave private browsing, or allow the page to store data.'
  if (error instanceof TypeError && /import|module|fetch/i.test(error.message))
    return 'A part of the app could not be loaded. Try again when the server can be reached.'
  return 'Something in the app, or in this browser, failed. Your designs are not touched.'
}

const detailOf = (error: unknown): string =>
  error instanceof Error || error instanceof DOMException ? `${error.name}: ${error.message}` : String(error)

function tryAgainButton(): HTMLElement {
  const button = make('button', { type: 'button', textContent: 'Try again' })
  button.onclick = async () => {
    button.disabled = true
    await newestVersion()
    window.location.reload()
  }
  return button
}

/** The count of the designs, and the button that saves them, once they are read. */
function designsPart(): HTMLElement[] {
  const words = make('p', { textContent: 'Looking for your designs…' })
  words.setAttribute('role', 'status')
  const button = make('button', { type: 'button', textContent: 'Save all designs', disabled: true })
  readDesigns().then(
    (designs) => {
      button.disabled = designs.length === 0
      button.onclick = () => saveDesigns(designs)
      words.textContent = countWords(designs.length)
    },
    () => {
      words.textContent = 'This browser does not let the designs be read.'
    },
  )
  return [words, button]
}

function countWords(count: number): string {
  if (count === 0) return 'There are no designs on this phone.'
  const stored = count === 1 ? 'One design is' : `${count} designs are`
  const them = count === 1 ? 'it' : 'them'
  return `${stored} on this phone. Save ${them} as a file before you clear anything; “Open a file” among the templates reads ${them} back.`
}

function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<HTMLElementTagNameMap[K]>,
  children: HTMLElement[] = [],
): HTMLElementTagNameMap[K] {
  const element = Object.assign(document.createElement(tag), properties)
  element.append(...children)
  return element
}
