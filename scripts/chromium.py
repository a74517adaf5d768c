"""Finds the browser for the tests in tests/browser, and says where it is.

    chromium.py    print its path; exit code 1 when there is none

It is Chromium or Chrome from PATH, else the one that `playwright install chromium` fetched. Under CI, as root and with
apt-get, a missing one is installed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")


def find() -> Path | None:
    """The browser's program."""
    on_path = next((found for name in NAMES if (found := shutil.which(name))), None)
    return Path(on_path) if on_path else _playwrights_own()


def _playwrights_own() -> Path | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    return own if own.is_file() else None


def _may_install() -> bool:
    return bool(os.environ.get("CI")) and shutil.which("apt-get") is not None and os.geteuid() == 0


def main() -> int:
    found = find()
    if found is None and _may_install():
        install = ("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium")
        for command in (("apt-get", "update", "-qq"), install):
            subprocess.run(command, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, stdout=subprocess.DEVNULL)
        found = find()
    if found is None:
        print("There is neither Chromium nor Chrome on PATH, nor one that playwright fetched.", file=sys.stderr)
        return 1
    print(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
