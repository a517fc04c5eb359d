"""Which formats a result is available in."""

import pytest

from shared.errors import Code, OcrError
from shared.render import FORMATS, render
from tests.results import make_page, make_task


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "json"])
def test_every_format_is_utf8_with_the_words_in_it(name: str) -> None:
    # Given
    task = make_task(make_page([("Привет, мир", 0, 0)]))
    # When
    text = render(task, name).decode()
    # Then
    assert "Привет" in text


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "json"])
def test_a_character_without_utf8_breaks_no_format(name: str) -> None:
    # Given
    page = make_page([("lone\ud800 null\0", 0, 0)])
    # When
    document = render(make_task(page), name)
    # Then
    assert b"lone" in document


def test_an_unknown_format_is_refused_with_those_there_are() -> None:
    # Given
    task = make_task(make_page())
    # When
    with pytest.raises(OcrError) as caught:
        render(task, "docx")
    # Then
    assert (caught.value.code, caught.value.extra["available"]) == (Code.NOT_ACCEPTABLE, list(FORMATS))


@pytest.mark.parametrize(
    "result",
    [{"total": 12.5}, {"pages": 3}, {**make_task(make_page())["result"], "pages": [{"number": "one"}]}, None],
)
def test_a_result_of_another_shape_is_available_as_json_alone(result: object) -> None:
    # Given
    task = {"filename": "scan.png", "result": result}
    # When
    with pytest.raises(OcrError) as caught:
        render(task, "hocr")
    # Then
    assert (caught.value.code, caught.value.extra["available"]) == (Code.NOT_ACCEPTABLE, ["json"])
