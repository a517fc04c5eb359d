"""The pages as any client sees them, without a browser: languages, escaping, states, caching."""

import asyncio
import re
from html.parser import HTMLParser
from typing import Any, cast

import httpx
import pytest
from fastapi import FastAPI, Request, Response

from api.pages import Assets, FormOptions, docs_page, error_page, form_page, task_page
from api.texts import TEXTS, TITLES, choose_language
from shared.errors import Code, OcrError
from shared.schemas import Status, Task

OPTIONS = FormOptions(
    languages=["eng", "rus", "xyz"],
    default_lang="rus+eng",
    engines=["tesseract", "rapidocr"],
    max_upload_bytes=100 << 20,
    accept=["application/pdf", "image/png", "image/jp2", "image/j2c"],
)
HOSTILE = "\"><img src=x onerror=alert(1)>'{{7*7}}\u202egnp.exe"


def make_page(**changes: Any) -> dict[str, Any]:
    return {"number": 1, "status": "succeeded", "confidence": 91.6, "text": "A line", "error": None, **changes}


def make_task(status: Status, **changes: Any) -> Task:
    task = {
        "task_id": "task-1",
        "status": status,
        "partial": False,
        "attempts": 1,
        "created_at": "2026-11-03T10:00:00Z",
        "started_at": None,
        "finished_at": None,
        "expires_at": "2026-11-04T10:00:00Z",
        "filename": "scan.png",
        "media_type": "image/png",
        "size_bytes": 1536,
        "sha256": "",
        "options": {"lang": "eng"},
        "progress": {"pages_done": 0, "pages_total": None, "percent": 0, "stage": "queued"},
        "result": None,
        "error": None,
    }
    return cast("Task", {**task, **changes})


def make_result(*pages: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"pages": list(pages), "warnings": [], "links": {"text": "", "hocr": ""}, **changes}


def make_schema(description: str) -> dict[str, Any]:
    """An API of one operation."""
    operation = {"description": description, "responses": {"200": {"description": description}}}
    return {"paths": {"/a": {"get": operation}}}


class Site:
    """A service that shows one task and raises one problem."""

    def __init__(self, root_path: str = "") -> None:
        self.task = make_task(Status.QUEUED)
        self.problem = OcrError(Code.TASK_NOT_FOUND, "No task has this id.").problem()
        self.app = FastAPI()
        self.schema = make_schema("Tells how it is.")
        self.root_path = root_path
        self.app.mount("/static", Assets())
        shows = {
            "/": self._show_form,
            "/task": self._show_task,
            "/problem": self._show_problem,
            "/api": self._show_docs,
        }
        for path, show in shows.items():
            self.app.add_api_route(path, show, methods=["GET", "POST"], response_class=Response)

    def request(self, path: str, accept_language: str = "en", method: str = "GET") -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, root_path=self.root_path)
            async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
                return await client.request(method, path, headers={"Accept-Language": accept_language})

        return asyncio.run(ask())

    def get(self, path: str, accept_language: str = "en") -> str:
        return self.request(path, accept_language).text

    def show(self, status: Status, **changes: Any) -> str:
        self.task = make_task(status, **changes)
        return self.get("/task")

    def _show_form(self, request: Request) -> Response:
        return form_page(request, OPTIONS)

    def _show_task(self, request: Request) -> Response:
        return task_page(request, self.task)

    def _show_problem(self, request: Request) -> Response:
        return error_page(request, self.problem)

    def _show_docs(self, request: Request) -> Response:
        return docs_page(request, self.schema)


class Reader(HTMLParser):
    """Lists the elements of a page, with their attributes, and whether a script or style is inline."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture
def site() -> Site:
    return Site()


def test_both_languages_say_the_same_things() -> None:
    # Given
    english, russian = TEXTS["en"], TEXTS["ru"]
    # When
    places = [{key: re.findall(r"{\w+}", text) for key, text in texts.items()} for texts in (english, russian)]
    # Then
    assert places[0] == places[1]


@pytest.mark.parametrize("language", TEXTS)
def test_every_failure_has_a_title_in_each_language(language: str) -> None:
    # Given
    titles = TITLES[language]
    # When
    missing = [code for code in Code if not titles.get(code)]
    # Then
    assert missing == []


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        ("de, en;q=0.5, ru;q=0.7", "ru"),
        ("en;q=0.2,ru;q=0", "en"),
        ("ru;q=nonsense, en;q=0.1", "en"),
        ("RU", "ru"),
        ("*", "en"),
        (",;,=;q", "en"),
    ],
)
def test_the_language_is_the_one_the_browser_prefers(header: str, language: str) -> None:
    # Given a header; When
    chosen = choose_language(header)
    # Then
    assert chosen == language


def test_the_form_sends_one_file_and_its_options_without_a_script(site: Site) -> None:
    # Given
    page = Reader(site.get("/"))
    # When
    (form,) = page.all("form")
    names = {attributes.get("name") for tag in ("input", "select") for attributes in page.all(tag)}
    # Then
    assert (form["method"], form["action"], form["enctype"]) == ("post", "/ocr", "multipart/form-data")
    assert names == {"file", "lang", "pages", "dpi", "psm", "text_layer", "preprocess", "engine"}
    assert "multiple" not in next(attributes for attributes in page.all("input") if attributes.get("name") == "file")


def test_every_control_of_the_form_has_a_label(site: Site) -> None:
    # Given
    page = Reader(site.get("/"))
    # When
    controls = {attributes["id"] for tag in ("input", "select") for attributes in page.all(tag)}
    # Then
    assert controls == {attributes["for"] for attributes in page.all("label")}


def test_the_form_offers_models_alone_and_with_english(site: Site) -> None:
    # Given
    page = Reader(site.get("/"))
    # When
    values = [attributes["value"] for attributes in page.all("option")]
    chosen = [attributes["value"] for attributes in page.all("option") if "selected" in attributes]
    # Then
    assert values[:6] == ["rus+eng", "auto", "eng", "rus", "xyz", "xyz+eng"]
    assert chosen == ["rus+eng"]


def test_the_form_names_kinds_and_the_limit_in_the_readers_language(site: Site) -> None:
    # Given a browser that prefers Russian; When
    page = site.get("/", "ru")
    # Then
    assert "PDF, PNG, JPEG 2000, до 100\N{NO-BREAK SPACE}МиБ" in page
    assert '<html lang="ru">' in page


@pytest.mark.parametrize("path", ["/", "/task", "/problem", "/api"])
def test_a_page_holds_nothing_that_its_policy_forbids(site: Site, path: str) -> None:
    # Given
    page = Reader(site.get(path))
    # When
    scripts = [attributes.get("src") for attributes in page.all("script")]
    inline = [
        name for _, attributes in page.elements for name in attributes if name == "style" or name.startswith("on")
    ]
    # Then
    assert all(source and source.startswith("/static/") for source in scripts)
    assert page.all("style") == []
    assert inline == []


@pytest.mark.parametrize("path", ["/", "/task", "/problem", "/api"])
def test_a_page_carries_its_policy_and_is_not_kept(site: Site, path: str) -> None:
    # Given a page; When
    headers = site.request(path).headers
    # Then
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("status", [Status.QUEUED, Status.RUNNING])
def test_an_open_task_refreshes_itself_without_a_script(site: Site, status: Status) -> None:
    # Given an open task; When
    page = site.show(status)
    # Then
    assert re.search(r'<noscript><meta http-equiv="refresh" content="\d"></noscript>', page)


@pytest.mark.parametrize("status", [Status.SUCCEEDED, Status.FAILED, Status.CANCELLED])
def test_a_finished_task_does_not_refresh(site: Site, status: Status) -> None:
    # Given a finished task; When
    page = site.show(status)
    # Then
    assert "refresh" not in page


@pytest.mark.parametrize(
    ("status", "changes", "line"),
    [
        (Status.QUEUED, {"queue": {"position": 3}}, "Waiting, number 3 in the queue"),
        (Status.QUEUED, {}, "Waiting"),
        (
            Status.RUNNING,
            {"progress": {"pages_done": 2, "pages_total": 5, "percent": 40, "stage": "reading"}},
            "Reading: 2 of 5 pages done",
        ),
        (Status.SUCCEEDED, {"partial": True}, "Done, but some pages could not be read"),
        (Status.FAILED, {}, "This did not work"),
    ],
)
def test_a_task_says_where_it_stands(site: Site, status: Status, changes: dict[str, Any], line: str) -> None:
    # Given a task; When
    page = site.show(status, **changes)
    # Then
    assert f'<p role="status" id="status">{line}</p>' in page


def test_a_result_shows_each_page_with_its_confidence(site: Site) -> None:
    # Given
    failure = OcrError(Code.PAGE_TIMEOUT, "The page took longer than 120 s.").problem()
    pages = [make_page(), make_page(number=2, confidence=0, text="", error=failure)]
    # When
    page = site.show(Status.SUCCEEDED, result=make_result(*pages)).partition("<template")[0]
    # Then
    assert "Confidence 92 %" in page
    assert '<pre class="text" dir="auto" tabindex="0">\nA line</pre>' in page
    assert '<p class="problem">A page took too long</p>' in page


def test_only_formats_that_the_result_links_are_offered(site: Site) -> None:
    # Given a result with two formats; When
    page = Reader(site.show(Status.SUCCEEDED, result=make_result(make_page())))
    # Then
    offered = {link["data-format"] for link in page.all("a") if "data-format" in link and "hidden" not in link}
    assert offered == {"text", "hocr", "json"}


@pytest.mark.parametrize("result", [{"answer": 42}, {"pages": 3}, {"pages": [{"text": "x"}]}, {"pages": [None]}, {}])
def test_a_foreign_result_is_shown_as_json(site: Site, result: dict[str, Any]) -> None:
    # Given what a user's own function may return; When
    page = site.show(Status.SUCCEEDED, result=result)
    # Then
    assert '<article id="raw" class="sheet">' in page


def test_a_failed_task_says_why(site: Site) -> None:
    # Given
    error = OcrError(Code.CORRUPT_FILE, "The file ends too early.").problem()
    # When
    page = site.show(Status.FAILED, error=error)
    # Then
    assert "<h2>The file is damaged</h2>" in page
    assert "<p>The file ends too early.</p>" in page


@pytest.mark.parametrize("field", ["filename", "text", "warning", "detail"])
def test_hostile_text_makes_no_element(site: Site, field: str) -> None:
    # Given
    error = OcrError(Code.CORRUPT_FILE, HOSTILE).problem() if field == "detail" else None
    page = make_page(text=HOSTILE if field == "text" else "")
    result = make_result(page, warnings=[HOSTILE] if field == "warning" else [])
    # When
    html = site.show(Status.FAILED, filename=HOSTILE if field == "filename" else "a", error=error, result=result)
    # Then
    assert [image["src"] for image in Reader(html).all("img") if not str(image["src"]).startswith("/static/")] == []
    assert "&lt;img src=x onerror=alert(1)&gt;" in html
    assert "{{7*7}}" in html


def test_what_stands_between_backticks_is_shown_as_code(site: Site) -> None:
    # Given
    site.schema = make_schema("Wait `10 < 20` seconds, or `-1`.")
    # When
    html = site.get("/api")
    # Then
    assert html.count("Wait <code>10 &lt; 20</code> seconds, or <code>-1</code>.") == 2


@pytest.mark.parametrize("description", [HOSTILE, f"`{HOSTILE}`"])
def test_a_hostile_description_makes_no_element(site: Site, description: str) -> None:
    # Given
    site.schema = make_schema(description)
    # When
    html = site.get("/api")
    # Then
    assert [image["src"] for image in Reader(html).all("img") if not str(image["src"]).startswith("/static/")] == []
    assert html.count("&lt;img src=x onerror=alert(1)&gt;") == 2


def test_an_error_keeps_its_status_and_tells_its_code(site: Site) -> None:
    # Given
    site.problem["request_id"] = "request-7"
    # When
    response = site.request("/problem", "ru")
    # Then
    assert response.status_code == 404
    assert "<h1>Такой задачи нет</h1>" in response.text
    assert "request-7" in response.text


@pytest.mark.parametrize(("method", "again"), [("GET", True), ("POST", False)])
def test_only_what_is_safe_to_ask_again_is_asked_again(site: Site, method: str, again: bool) -> None:  # noqa: FBT001 - a parameter of the table above
    # Given
    site.problem = OcrError(Code.BROKER_UNAVAILABLE, "Try again shortly.").problem()
    # When
    page = site.request("/problem", method=method).text
    # Then
    assert ('http-equiv="refresh"' in page) is again


def test_a_file_named_by_its_content_is_kept_for_long(site: Site) -> None:
    # Given
    style = Reader(site.get("/")).all("link")[1]["href"]
    # When
    kept = site.request(str(style)).headers["Cache-Control"]
    stale = site.request("/static/style.css?v=0").headers["Cache-Control"]
    # Then
    assert kept == "public, max-age=31536000, immutable"
    assert stale == "no-cache"


def test_pages_work_below_a_proxys_prefix() -> None:
    # Given
    site = Site(root_path="/scans/")
    # When
    page = Reader(site.get("/"))
    # Then
    assert page.all("form")[0]["action"] == "/scans/ocr"
    assert all(str(link["href"]).startswith("/scans/static/") for link in page.all("link"))
