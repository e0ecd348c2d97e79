#!/bin/sh
# Find a Chromium for the browser tests: the system's, or Playwright's own, or the distribution's package.
set -eu
bin=$1
found() {
  command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 ||
    "$bin/python" -c 'import pathlib, sys
from playwright.sync_api import sync_playwright
with sync_playwright() as p: sys.exit(not pathlib.Path(p.chromium.executable_path).exists())'
}
found && exit 0
"$bin/playwright" install chromium && found && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium fonts-dejavu-core >/dev/null && found && exit 0
fi
echo "No Chromium found: install one, or run '$bin/playwright install chromium'" >&2
exit 1
