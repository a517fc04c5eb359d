"""One Chromium and one whole service for all tests of a module; a fresh context, watched for violations, for each."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page, Request

from tests.browser.chromium import PageMaker, open_chromium
from tests.browser.pictures import draw_page
from tests.service import running_service


@pytest.fixture(scope="module")
def service_url() -> Iterator[str]:
    with running_service() as service:
        yield service.url


# Of the module, not the session: while Playwright runs, no other test could start an event loop.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_chromium() as browser:
        yield browser


@pytest.fixture
def open_page(browser: Browser, service_url: str) -> Iterator[PageMaker]:
    """Opens pages in contexts of their own; at the end none may have broken its policy or left the service."""
    complaints: list[str] = []

    def complain(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            complaints.append(message.text)

    def refuse_alert(dialog: Dialog) -> None:
        # The pages only ask to confirm: an alert is a script that came in with a file's name or text.
        if dialog.type == "alert":
            complaints.append(dialog.message)
            dialog.dismiss()

    def check_target(request: Request) -> None:
        if not request.url.startswith((service_url, "blob:", "data:")):
            complaints.append(f"asked {request.url}")

    def watch(context: BrowserContext) -> None:
        context.on("console", complain)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        context.on("dialog", refuse_alert)
        context.on("request", check_target)

    with ExitStack() as stack:

        def make(**options: Any) -> Page:
            context = browser.new_context(base_url=service_url, **{"locale": "en-US", **options})
            stack.callback(context.close)
            watch(context)
            return context.new_page()

        yield make
    assert complaints == []


@pytest.fixture
def page(open_page: PageMaker) -> Page:
    return open_page()


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """A picture of one page that says `Invoice 2041`."""
    return draw_page(tmp_path / "invoice.png", "Invoice 2041", "Total due on Friday")
