/** Base UI surrounds an open menu with hidden elements that take the focus, which screen readers and axe object to. */

const GUARDS = '[data-base-ui-focus-guard]'

/** The `ref` of a menu's popup: its guards take no focus. Tab then has to close the menu, as it does in the menus of systems. */
export function withoutFocusGuards(popup: HTMLElement | null): void {
  const portal = popup?.closest<HTMLElement>('[data-base-ui-portal]')
  if (!portal) return
  const disable = () => {
    const trigger = document.querySelector('[aria-haspopup="menu"][aria-expanded="true"]')
    // those of an open dialog keep the focus in it
    const outside = document.querySelector('[role="dialog"]') ? null : document
    for (const [place, which] of [
      [portal, GUARDS],
      [trigger?.parentElement, GUARDS],
      [outside, `${GUARDS}[data-type="outside"]`],
    ] as const)
      for (const guard of place?.querySelectorAll<HTMLElement>(which) ?? []) guard.inert = true
  }
  disable()
  // those around the trigger are added a moment later
  requestAnimationFrame(disable)
}
