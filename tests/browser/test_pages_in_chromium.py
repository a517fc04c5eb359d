"""What a person does with the pages, in a real browser against the whole service."""

import base64
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import FileChooser, Page, expect

from tests.browser.chromium import PageMaker
from tests.browser.pictures import draw_document, draw_page

READING_MS = 60_000
TASK_PAGE = re.compile(r"/ocr/[^/]+$")
SUBMIT = "button[type=submit]"


def submit(page: Page, *paths: Path) -> None:
    page.goto("/")
    page.set_input_files("#file", list(paths))
    page.click(SUBMIT)


def drop(page: Page, *paths: Path) -> None:
    """Lets go of files over the page, as the desktop would."""
    files = [{"name": path.name, "data": base64.b64encode(path.read_bytes()).decode()} for path in paths]
    transfer = page.evaluate_handle(
        """files => {
            const transfer = new DataTransfer();
            for (const { name, data } of files)
                transfer.items.add(new File([Uint8Array.from(atob(data), c => c.charCodeAt(0))], name));
            return transfer;
        }""",
        files,
    )
    page.dispatch_event("#drop", "dragover", {"dataTransfer": transfer})
    page.dispatch_event("#drop", "drop", {"dataTransfer": transfer})


def test_a_scan_is_uploaded_and_read(page: Page, scan: Path) -> None:
    # Given a picture; When
    submit(page, scan)
    # Then
    expect(page).to_have_url(TASK_PAGE)
    expect(page.locator(".text").first).to_contain_text("Invoice 2041", timeout=READING_MS)
    expect(page.get_by_role("status")).to_have_text("Done")


def test_a_scan_is_uploaded_and_read_without_a_script(open_page: PageMaker, scan: Path) -> None:
    # Given
    page = open_page(java_script_enabled=False)
    # When
    submit(page, scan)
    # Then
    expect(page).to_have_url(TASK_PAGE)
    expect(page.locator(".text").first).to_contain_text("Invoice 2041", timeout=READING_MS)
    expect(page.locator("[data-format=text]")).to_be_visible()


def test_two_dropped_files_become_two_tasks(page: Page, tmp_path: Path) -> None:
    # Given
    paths = [draw_page(tmp_path / f"{word}.png", word) for word in ("Harbor", "Meadow")]
    page.goto("/")
    # When
    drop(page, *paths)
    page.click(SUBMIT)
    # Then
    expect(page.locator(".uploads .state")).to_have_text(["Done", "Done"], timeout=READING_MS)
    links = [link.get_attribute("href") for link in page.locator(".uploads a").all()]
    assert len(set(links)) == 2


def test_a_dropped_file_can_be_taken_out_again(page: Page, tmp_path: Path) -> None:
    # Given
    page.goto("/")
    drop(page, *(draw_page(tmp_path / f"{word}.png", word) for word in ("Harbor", "Meadow")))
    # When
    page.get_by_role("button", name="Remove Harbor.png").click()
    # Then
    expect(page.locator(".uploads .name")).to_have_text(["Meadow.png"])
    assert page.evaluate("document.querySelector('#file').files.length") == 1


def test_each_page_of_a_document_is_shown_in_order(page: Page, tmp_path: Path) -> None:
    # Given
    words = ["Anchor", "Basket", "Candle", "Dragon"]
    # When
    submit(page, draw_document(tmp_path / "four.tiff", *words))
    # Then
    expect(page.locator("#sheets .text")).to_have_text([re.compile(word) for word in words], timeout=READING_MS)


def test_a_download_holds_the_text(page: Page, scan: Path) -> None:
    # Given
    submit(page, scan)
    # When
    with page.expect_download(timeout=READING_MS) as download:
        page.get_by_role("link", name="Text", exact=True).click(timeout=READING_MS)
    # Then
    assert "Invoice 2041" in download.value.path().read_text(encoding="utf-8")


def test_a_hostile_file_name_is_only_text(page: Page, tmp_path: Path) -> None:
    # Given
    name = "<img src=x onerror=alert(1)>'{{7*7}}.png"
    # When
    submit(page, draw_page(tmp_path / name, "Harmless"))
    # Then
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.locator("main img")).to_have_count(0)


def test_a_refused_file_is_explained_beside_its_name(page: Page, tmp_path: Path) -> None:
    # Given
    path = tmp_path / "notes.png"
    path.write_text("no picture at all")
    # When
    submit(page, path)
    # Then
    expect(page.locator(".uploads [data-status=failed]")).to_contain_text("This kind of file is not supported")
    expect(page).to_have_url(re.compile(r"/$"))


def test_a_refused_file_is_explained_without_a_script(open_page: PageMaker, tmp_path: Path) -> None:
    # Given
    page = open_page(java_script_enabled=False)
    path = tmp_path / "notes.png"
    path.write_text("no picture at all")
    # When
    submit(page, path)
    # Then
    expect(page.get_by_role("heading", level=1)).to_have_text("This kind of file is not supported")


def test_an_unknown_task_has_a_page(page: Page) -> None:
    # Given an id that nobody was given; When
    response = page.goto("/ocr/00000000000000000000000000")
    # Then
    assert response is not None
    assert response.status == 404
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no such task")


def test_the_pages_speak_russian(open_page: PageMaker, scan: Path) -> None:
    # Given
    page = open_page(locale="ru-RU")
    # When
    submit(page, scan)
    # Then
    expect(page.get_by_role("status")).to_have_text("Готово", timeout=READING_MS)
    expect(page.get_by_role("heading", level=2).first).to_have_text("Страница 1")


def test_a_lost_connection_is_waited_for(page: Page, tmp_path: Path) -> None:
    # Given
    path = draw_document(tmp_path / "long.tiff", *["Patience"] * 60)
    submit(page, path)
    expect(page).to_have_url(TASK_PAGE)
    # The page is there before its scripts are, and offline they could not be loaded.
    page.wait_for_load_state()
    # When
    page.context.set_offline(True)
    expect(page.get_by_role("alert")).to_have_text("The service cannot be reached. Still trying…", timeout=READING_MS)
    page.context.set_offline(False)
    # Then
    expect(page.get_by_role("status")).to_have_text("Done", timeout=READING_MS)
    expect(page.get_by_role("alert")).to_be_empty()


def test_an_open_task_can_be_cancelled(page: Page, tmp_path: Path) -> None:
    # Given
    submit(page, draw_document(tmp_path / "long.tiff", *["Stop here"] * 60))
    # When
    page.get_by_role("button", name="Cancel").click()
    # Then
    expect(page.get_by_role("status")).to_have_text("Cancelled")


def test_a_deleted_task_is_gone(page: Page, scan: Path) -> None:
    # Given
    submit(page, scan)
    expect(page.get_by_role("status")).to_have_text("Done", timeout=READING_MS)
    url = page.url
    page.on("dialog", lambda dialog: dialog.accept())
    # When
    page.get_by_role("button", name="Delete").click()
    # Then
    expect(page).to_have_url(re.compile(r"/$"))
    response = page.goto(url)
    assert response is not None
    assert response.status == 410


def test_the_keyboard_alone_is_enough(open_page: PageMaker, scan: Path) -> None:
    # Given
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    page.on("filechooser", lambda chooser: choose(chooser, scan))
    page.goto("/")
    # When
    tab_to(page, "#file")
    page.keyboard.press("Space")
    expect(page.locator(".uploads .name")).to_have_text([scan.name])
    tab_to(page, SUBMIT)
    page.keyboard.press("Enter")
    expect(page.locator(".copy")).to_be_visible(timeout=READING_MS)
    tab_to(page, ".copy")
    page.keyboard.press("Enter")
    # Then
    expect(page.locator(".copy")).to_have_text("Copied")
    assert "Invoice 2041" in page.evaluate("navigator.clipboard.readText()")


def choose(chooser: FileChooser, path: Path) -> None:
    chooser.set_files(path)


def tab_to(page: Page, selector: str) -> None:
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"twenty tabs do not reach {selector}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_pages_are_accessible(open_page: PageMaker, scan: Path, scheme: str, width: int) -> None:
    # Given
    page = open_page(color_scheme=scheme, viewport={"width": width, "height": 800}, reduced_motion="reduce")
    # When
    page.goto("/")
    page.click("summary")
    form = Axe().run(page)
    submit(page, scan)
    expect(page.get_by_role("status")).to_have_text("Done", timeout=READING_MS)
    task = Axe().run(page)
    # Then
    assert form.violations_count == 0, form.generate_report()
    assert task.violations_count == 0, task.generate_report()


def test_a_narrow_screen_needs_no_sideways_scrolling(open_page: PageMaker, scan: Path) -> None:
    # Given
    page = open_page(viewport={"width": 320, "height": 600})
    # When
    submit(page, scan)
    expect(page.get_by_role("status")).to_have_text("Done", timeout=READING_MS)
    # Then
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
