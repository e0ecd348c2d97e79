"""Take a picture of every screen at 412 × 915, on a real server and a real run; `make screens` keeps them in docs/screens.

Some are taken in the dark scheme too. The main screens are also taken on a phone held sideways, and with text of twice the size.

Some of them are also kept, smaller, as the screenshots of the app's manifest.
"""

import base64
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, sync_playwright
from support.browser import Server, launch_options, wait_until
from support.screen import open_new_design, start_from

WATCH_MS = 60_000
FETCH_MS = 240_000
"""for the runtime, the network, or a hundred games"""
GAME_MS = 8_000
"""of a game that is watched, about 40 moves"""
MANIFEST_SCREENS = ("heat", "chain", "train")
"""which pictures browsers show when they offer to install the app"""
MANIFEST_FOLDER = Path(__file__).parents[2] / "pwa" / "public" / "screenshots"
ALSO_DARK = ("canvas", "heat", "train", "play", "export", "model_card")
"""the beginnings of the names of the screens that are taken in both schemes"""
AS_WEBP = """async png => {
  const picture = await createImageBitmap(await (await fetch('data:image/png;base64,' + png)).blob());
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  canvas.getContext('2d').drawImage(picture, 0, 0);
  const webp = await canvas.convertToBlob({type: 'image/webp', quality: 0.8});
  return btoa(String.fromCharCode(...new Uint8Array(await webp.arrayBuffer())));
}"""


def take(page: Page, folder: Path) -> None:
    """Go through the whole job, with a picture at each stop; some in both schemes, if the page begins in the light one."""
    light = page.evaluate("matchMedia('(prefers-color-scheme: light)').matches")

    def shoot(name: str) -> None:
        page.evaluate("document.fonts.ready")
        page.wait_for_timeout(600)
        page.screenshot(path=folder / f"{name}.png")
        if light and name.startswith(ALSO_DARK):
            page.emulate_media(color_scheme="dark")
            page.wait_for_timeout(600)
            page.screenshot(path=folder / f"{name}_dark.png")
            page.emulate_media(color_scheme="light")

    def button(name: str) -> None:
        page.get_by_role("button", name=name, exact=name == "Undo").tap()

    open_new_design(page)
    validation = page.get_by_role("status", name="Validation")
    page.get_by_role("status", name="Sync").filter(has_text="Saved on server").wait_for()
    shoot("canvas")
    sync = page.get_by_role("status", name="Sync").get_by_role("button")
    sync.tap()
    shoot("sync")
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="Chain").tap()
    shoot("chain")
    layer = page.get_by_role("listitem", name="Transformer layer c3")
    layer.get_by_role("button", name="Edit").tap()
    shoot("sheet")
    width = page.get_by_role("spinbutton", name="d_model")
    width.fill("12")
    width.press("Enter")
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="Canvas").tap()
    validation.filter(has_text="problem").wait_for()
    shoot("problem")
    button("Undo")
    button("Add block")
    shoot("blocks")
    page.keyboard.press("Escape")
    button("Compile")
    page.get_by_text("batch independence").wait_for(timeout=60_000)
    shoot("code")
    button("Train")
    page.get_by_text("of memory").wait_for(timeout=60_000)
    shoot("train_sheet")
    button("Start")
    page.get_by_role("img", name="Score").wait_for(timeout=60_000)
    page.wait_for_timeout(WATCH_MS)
    shoot("train")
    page.get_by_role("link", name="Design").tap()
    page.touchscreen.tap(60, 600)
    page.locator(".selection-bar").wait_for(state="detached")
    button("Fit view")
    shoot("heat")
    page.get_by_role("link", name="Train").tap()
    button("Stop")
    page.get_by_text("Stopped").first.wait_for()
    button("Export")
    page.get_by_role("button", name="Save").wait_for()
    shoot("export")
    button("Model card")
    page.get_by_role("dialog", name="Model card").wait_for()
    shoot("model_card")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    play(page, shoot)
    size = page.viewport_size
    page.set_viewport_size({"width": 915, "height": 412})
    main_screens(page, shoot, "landscape")
    page.set_viewport_size(size)  # type: ignore[arg-type]
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    main_screens(page, shoot, "large_text")
    page.goto(page.url.partition("#")[0])
    shoot("designs")
    page.context.set_offline(True)
    start_from(page, "Tiny MLP")
    validation.filter(has_text="Valid").wait_for()
    sync.filter(has_text="1 change waiting").tap()
    page.get_by_role("status", name="Problem").wait_for()
    shoot("sync_offline")


def main_screens(page: Page, shoot: Callable[[str], None], look: str) -> None:
    """The screens of the open design, a sheet, and the list, which is left again."""
    address = page.url
    for screen in ("Design", "Code", "Train", "Play"):
        page.get_by_role("link", name=screen, exact=True).tap()
        if screen == "Design":
            page.get_by_role("tab", name="Canvas").tap()
            page.get_by_role("button", name="Fit view").tap()
        shoot(f"{look}_{screen.lower()}")
    page.get_by_role("link", name="Design", exact=True).tap()
    page.get_by_role("tab", name="Chain").tap()
    shoot(f"{look}_chain")
    page.get_by_role("listitem", name="Transformer layer c3").get_by_role("button", name="Edit").tap()
    shoot(f"{look}_sheet")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Back").tap()
    shoot(f"{look}_designs")
    page.evaluate("address => { location.href = address }", address)
    page.get_by_role("link", name="Train", exact=True).wait_for()


def play(page: Page, shoot: Callable[[str], None]) -> None:
    """Every mode of the Play screen, with what is shown of the inside of the network that was just trained."""

    def button(name: str) -> Locator:
        return page.get_by_role("button", name=name, exact=True)

    page.get_by_role("link", name="Play").tap()
    page.get_by_role("img", name=re.compile("^Board of the network")).wait_for(timeout=FETCH_MS)
    page.wait_for_timeout(GAME_MS)
    button("Pause").tap()
    shoot("play_watch")
    for inside in ("Experts", "Attention", "Value"):
        button(inside).tap()
        if inside == "Attention":
            page.get_by_role("group", name=inside).get_by_role("button").nth(5).tap()
        page.locator(".play-body").evaluate("body => body.scrollTo(0, body.scrollHeight)")
        shoot(f"play_{inside.lower()}")
    button("Value").tap()
    page.get_by_role("button", name=re.compile("^Network: ")).tap()
    shoot("play_network")
    page.keyboard.press("Escape")
    for mode in ("Hint", "Race"):
        button(mode).tap()
        page.get_by_role("img", name=re.compile("^Your board")).wait_for()
        for key in ("ArrowLeft", "ArrowDown", "ArrowRight", "ArrowDown") * 12:
            page.keyboard.press(key)
            page.wait_for_timeout(60)
        shoot(f"play_{mode.lower()}")
    button("Test").tap()
    button("Play 100 games").tap()
    page.get_by_text("100 of 100 games").wait_for(timeout=FETCH_MS)
    shoot("play_test")


def keep_for_manifest(page: Page, folder: Path, target: Path = MANIFEST_FOLDER) -> None:
    """Write pictures of a folder as WebP, encoded by the browser, which makes them about a third as large as PNG."""
    target.mkdir(exist_ok=True)
    for name in MANIFEST_SCREENS:
        png = base64.b64encode((folder / f"{name}.png").read_bytes()).decode()
        (target / f"{name}.webp").write_bytes(base64.b64decode(page.evaluate(AS_WEBP, png)))


def main(folder: Path, width: int, height: int, scheme: str) -> None:
    """Start a server over fresh data, and a phone."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, sync_playwright() as playwright:
        server = Server(Path(data))
        server.start()
        browser = playwright.chromium.launch(**launch_options(playwright))
        phone = dict(playwright.devices["Pixel 7"]) | {"viewport": {"width": width, "height": height}, "device_scale_factor": 2}
        phone.pop("default_browser_type")
        page = browser.new_context(**phone, color_scheme=scheme).new_page()
        page.goto(server.url)
        take(page, folder)
        if (width, height, scheme) == (412, 915, "light"):
            page.goto("about:blank")  # the app's content security policy forbids what the conversion does
            keep_for_manifest(page, folder)
        wait_until(lambda: all(run["status"] != "running" for run in server.get("/api/runs")), 30)
        browser.close()
        server.stop()


if __name__ == "__main__":
    size = [int(part) for part in sys.argv[2:4]] or [412, 915]
    main(Path(sys.argv[1]), size[0], size[1], sys.argv[4] if len(sys.argv) > 4 else "light")
