/** Tells the stylesheets how much text fits beside each other: a large text on a small phone needs other layouts. */

/** Windows of fewer rem are narrow: every phone at twice the usual size of text. */
const NARROW_REM = 19

/** Keep `data-narrow` of the page in step with window and size of text; returns a function that stops this. */
export function startTextRoom(): () => void {
  const page = document.documentElement
  const probe = document.createElement('div')
  probe.style.cssText = 'position: absolute; visibility: hidden; width: 1rem; height: 0'
  const measure = () => page.toggleAttribute('data-narrow', isNarrow(window.innerWidth, probe.offsetWidth))
  document.body.append(probe)
  measure()
  window.addEventListener('resize', measure)
  const observer = typeof ResizeObserver === 'undefined' ? undefined : new ResizeObserver(measure)
  observer?.observe(probe)
  return () => {
    window.removeEventListener('resize', measure)
    observer?.disconnect()
    probe.remove()
  }
}

/** Whether a window has room for little text; `rem` is the size of the page's text in px. */
export const isNarrow = (width: number, rem: number): boolean => rem > 0 && width / rem < NARROW_REM
