"""The system's Chromium, kept from talking to anybody but the service."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

PageMaker = Callable[..., Page]
NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def open_chromium() -> Iterator[Browser]:
    """Chromium, headless.

    Raises:
        FileNotFoundError: none is installed.
    """
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        msg = f"none of {', '.join(NAMES)} is on the PATH; on Debian: apt-get install chromium"
        raise FileNotFoundError(msg)
    # Chromium's own sandbox refuses to work for root, as whom containers often run.
    arguments = [*QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        try:
            yield browser
        finally:
            browser.close()
