"""For browser tests: open a design or a block's sheet, wait until it is valid, check the size of touch targets."""

import re

from playwright.sync_api import Locator, Page, expect

from .browser import centre_of, wait_until

MIN_TARGET_PX = 40
PACK_SECONDS = 60
"""for the Python pack to arrive, on a busy machine"""
PACK_IS_WHOLE = """async () => {
  for (const name of await caches.keys()) {
    const keys = await (await caches.open(name)).keys();
    const pack = keys.filter((key) => key.url.includes('/rt/'));
    if (pack.length >= 4 && pack.some((key) => key.url.endsWith('.wasm'))) return true;
  }
  return false;
}"""

TARGETS = """() => {
  const wanted = 'button, a[href], input, select, textarea, [role=tab], [role=switch], [role=slider], .react-flow__node';
  const found = [];
  for (const element of document.querySelectorAll(wanted)) {
    const style = getComputedStyle(element);
    if (!element.checkVisibility({opacityProperty: true, visibilityProperty: true}) || style.pointerEvents === 'none') continue;
    if (element.disabled || element.closest('[aria-hidden=true], [inert]')) continue;
    const target = element.matches('input, select') ? element.closest('label') ?? element : element;
    const box = target.getBoundingClientRect();
    if (box.width <= 1 || box.height <= 1) continue;
    const after = getComputedStyle(element, '::after');
    const grows = after.content !== 'none' && after.position === 'absolute';
    const grown = grows ? [parseFloat(after.width), parseFloat(after.height)] : [0, 0];
    found.push({
      name: (element.getAttribute('aria-label') || element.textContent || element.id || element.className).trim().slice(0, 60),
      width: Math.max(box.width, grown[0] || 0), height: Math.max(box.height, grown[1] || 0),
    });
  }
  return found;
}"""


def assert_fits(page: Page, screen: str) -> None:
    """No sideways scroll, and no touch target that is too small."""
    scroll = page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
    assert scroll <= 0, f"{screen} scrolls sideways by {scroll} px"
    small = [target for target in page.evaluate(TARGETS) if min(target["width"], target["height"]) < MIN_TARGET_PX - 0.5]
    assert small == [], f"{screen} has targets under {MIN_TARGET_PX} px: {small}"


def open_gallery(page: Page) -> Locator:
    """The dialog with the templates."""
    page.get_by_role("button", name="New design").tap()
    return page.get_by_role("dialog", name="New design")


def start_from(page: Page, template: str) -> None:
    """Make a design from a template, or an empty one."""
    open_gallery(page).get_by_role("button", name=template, exact=True).tap()


def open_new_design(page: Page) -> None:
    """Start from the template with the most kinds of blocks, and wait until it is validated."""
    start_from(page, "Experts for each cell")
    valid(page)


def valid(page: Page) -> Locator:
    """Wait until the design is valid."""
    status = page.get_by_role("status", name="Validation")
    expect(status).to_contain_text(re.compile("^Valid"), timeout=60_000)
    return status


def open_sheet(page: Page, name: str) -> Locator:
    """A block's own sheet, by way of its card."""
    page.get_by_role("tab", name="Chain").tap()
    page.get_by_role("listitem", name=name).get_by_role("button", name="Edit").tap()
    return page.get_by_role("dialog", name=name)


def tap_twice(page: Page, locator: Locator) -> None:
    """A double tap on the middle of what a locator finds."""
    x, y = centre_of(locator)
    page.touchscreen.tap(x, y)
    page.wait_for_timeout(60)
    page.touchscreen.tap(x, y)


def transform(page: Page) -> str:
    """The view of the canvas, as CSS says it."""
    return str(page.locator(".react-flow__viewport").evaluate("element => element.style.transform"))


def top(locator: Locator) -> float:
    """The upper edge of what a locator finds, in px of the page."""
    return (locator.bounding_box() or {"y": 0.0})["y"]


def bottom(locator: Locator) -> float:
    """The lower edge of what a locator finds, in px of the page."""
    box = locator.bounding_box()
    return box["y"] + box["height"] if box else float("inf")


def wait_for_service_worker(page: Page) -> None:
    """Wait until the service worker controls the page, so that it can be loaded without a server."""
    # `wait_for_function` evaluates text in the page, which its content security policy forbids
    wait_until(lambda: page.evaluate("navigator.serviceWorker.controller !== null"), PACK_SECONDS, page)


def make_ready_for_offline(page: Page) -> None:
    """Wait until the service worker is in charge and the Python pack is whole in its cache."""
    wait_for_service_worker(page)
    wait_until(lambda: page.evaluate(PACK_IS_WHOLE), PACK_SECONDS, page)


def choose_block(page: Page, name: str) -> None:
    """Tap a block in the open palette, once its list is in order: Python's answer puts first what fits, which moves the rest."""
    blocks = page.get_by_role("dialog", name="Blocks")
    blocks.get_by_role("region", name=re.compile("^(fits here|other blocks)$")).first.wait_for()
    blocks.get_by_role("button", name=name, exact=True).tap()
