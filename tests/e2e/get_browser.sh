#!/bin/sh
# Find a Chromium for the browser tests: the system's, or Playwright's own, or the distribution's package.
# Firefox ESR and WebKitGTK, in which one test repeats the main job, are installed where apt has them; without them it is skipped.
set -eu
bin=$1
found() {
  command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 ||
    "$bin/python" -c 'import pathlib, sys
from playwright.sync_api import sync_playwright
with sync_playwright() as p: sys.exit(not pathlib.Path(p.chromium.executable_path).exists())'
}
others_found() {
  command -v firefox-esr >/dev/null 2>&1 && command -v WebKitWebDriver >/dev/null 2>&1 && command -v Xvfb >/dev/null 2>&1
}
apt() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 && apt-get update -qq && apt-get install -qq -y --no-install-recommends "$@" >/dev/null
}
others_found || apt firefox-esr webkit2gtk-driver xvfb || echo "Firefox ESR and WebKitGTK are not tested: apt does not install them here" >&2
command -v certutil >/dev/null 2>&1 || apt libnss3-tools || echo "Certificates are not tested in Chromium: apt does not install libnss3-tools here" >&2
found && exit 0
"$bin/playwright" install chromium && found && exit 0
apt chromium fonts-dejavu-core && found && exit 0
echo "No Chromium found: install one, or run '$bin/playwright install chromium'" >&2
exit 1
