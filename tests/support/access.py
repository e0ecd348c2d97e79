"""For browser tests: what axe finds on a page, and text that is cut off or covered."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"

RUN_AXE = """async contrast => {
  const rules = {'label-content-name-mismatch': {enabled: true}, 'color-contrast': {enabled: contrast}};
  const {violations} = await axe.run(document, {rules, resultTypes: ['violations']});
  return violations.map(({id, nodes}) => `${id}: ${nodes.map(({target}) => target.join(' ')).join(', ')}`);
}"""

FAULTY_TEXT = """() => {
  // the drawing can be zoomed, and a name that a person gave may be longer than any phone is wide
  const EXEMPT = '.react-flow, .far, svg, canvas, .sr-only, .u-axis, .studio-name h1, .places, [data-limited]';
  const LAYERS = '.bottom-sheet, .menu, .toast, .update, .selection-bar, .canvas-tools';
  const SLACK = 2;
  const layer = element => element.closest(LAYERS) ?? document.body;
  const texts = [];
  const visible = element => element.checkVisibility({opacityProperty: true, visibilityProperty: true});
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || element.closest(EXEMPT) || element.closest('script, style, noscript') || !visible(element)) continue;
    // for screen readers alone
    if (element.offsetWidth <= 1) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const rect of range.getClientRects()) {
      if (rect.width < 1 || rect.height < 1) continue;
      const {left, top, right, bottom} = rect;
      texts.push({element, node, words: node.data.trim().slice(0, 40), left, top, right, bottom});
    }
  }
  const faults = new Set();
  // identifiers and shapes may be broken, words may not
  for (const {element, words, node} of texts)
    for (const {index, 0: word} of node.data.matchAll(/\\p{L}{2,12}/gu)) {
      if (element.closest('code, pre')) continue;
      const range = document.createRange();
      range.setStart(node, index);
      range.setEnd(node, index + word.length);
      const lines = new Set([...range.getClientRects()].filter(({width}) => width >= 1).map(({top}) => Math.round(top)));
      if (lines.size > 1) faults.add(`broken word: ${word} in ${words}`);
    }
  const shown = [];
  for (const text of texts) {
    let [freeX, freeY, gone] = [false, false, false];
    for (let box = text.element; box && box !== document.documentElement; box = box.parentElement) {
      const {overflowX, overflowY, position} = getComputedStyle(box);
      if (box !== document.body && (overflowX !== 'visible' || overflowY !== 'visible')) {
        const edge = box.getBoundingClientRect();
        const scrollsX = /auto|scroll/.test(overflowX), scrollsY = /auto|scroll/.test(overflowY);
        if (scrollsX) freeX = true;
        if (scrollsY) freeY = true;
        const outX = text.left < edge.left - SLACK || text.right > edge.right + SLACK;
        const outY = text.top < edge.top - SLACK || text.bottom > edge.bottom + SLACK;
        if ((outX && !freeX) || (outY && !freeY)) faults.add(`cut: ${text.words}`);
        if (outX || outY) gone = true;
      }
      if (position === 'fixed') break;
    }
    if (!freeX && (text.left < -SLACK || text.right > innerWidth + SLACK)) faults.add(`outside: ${text.words}`);
    if (!freeY && (text.top < -SLACK || text.bottom > innerHeight + SLACK)) faults.add(`outside: ${text.words}`);
    const top = document.elementFromPoint((text.left + text.right) / 2, (text.top + text.bottom) / 2);
    if (!gone && top && layer(top) === layer(text.element)) shown.push(text);
  }
  for (const [index, one] of shown.entries())
    for (const other of shown.slice(index + 1)) {
      if (layer(one.element) !== layer(other.element)) continue;
      if (one.element.contains(other.element) || other.element.contains(one.element)) continue;
      const width = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const height = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
      // boxes of lines are higher than their letters
      if (width > SLACK && height > 0.3 * Math.min(one.bottom - one.top, other.bottom - other.top))
        faults.add(`over each other: ${one.words} / ${other.words}`);
    }
  return [...faults];
}"""


def load_axe(page: Page) -> None:
    """Load axe into the page, where it stays until the page is loaded again."""
    page.evaluate(AXE.read_text() + "; void 0")


def axe_violations(page: Page, *, contrast: bool) -> list[str]:
    """The rules that the page breaks, with the elements that break them; `contrast` includes the slow check of colours."""
    found: list[str] = page.evaluate(RUN_AXE, contrast)
    return found


def faulty_text(page: Page) -> list[str]:
    """Texts that are cut off, outside the window, or over each other."""
    found: list[Any] = page.evaluate(FAULTY_TEXT)
    return [str(fault) for fault in found]
