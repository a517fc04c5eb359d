"""Form fields into options, and what is said about those that are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.options import Wishes, describe_options, parse_options
from shared.errors import Code, OcrError
from shared.schemas import STEPS, Options
from shared.settings import Settings

SETTINGS = Settings(lang="rus", engine="auto")
LANGUAGES = ["rus", "eng"]
ENGINES = ["tesseract", "pytesseract"]


def _parse(**fields: str) -> Wishes:
    return parse_options(fields, SETTINGS, LANGUAGES, ENGINES)


def _refusal(**fields: str) -> OcrError:
    with pytest.raises(OcrError) as caught:
        _parse(**fields)
    return caught.value


def test_nothing_given_means_the_defaults() -> None:
    # When
    wishes = _parse()
    # Then
    assert wishes == Wishes(Options(lang="rus", engine="auto"), "interactive")


def test_every_option_can_be_given() -> None:
    # When
    wishes = _parse(
        lang="eng+rus",
        pages="1-3,7",
        dpi="300",
        psm="6",
        engine="pytesseract",
        text_layer="force",
        preprocess="deskew,clean",
        rotate="no",
        deskew="0",
        spelling="false",
        priority="bulk",
    )
    # Then
    assert wishes.options == Options(
        lang="eng+rus",
        pages="1-3,7",
        dpi=300,
        psm=6,
        engine="pytesseract",
        text_layer="force",
        preprocess="deskew,clean",
        rotate=False,
        deskew=False,
        spelling=False,
    )
    assert wishes.priority == "bulk"


@pytest.mark.parametrize(("text", "value"), [("true", True), ("1", True), ("yes", True), ("on", True), ("off", False)])
def test_booleans_are_written_in_several_ways(text: str, value: bool) -> None:  # noqa: FBT001 - a test's parameter
    assert _parse(rotate=text).options.rotate is value


def test_an_empty_field_of_a_browser_means_the_default() -> None:
    assert _parse(lang="", psm=" ", dpi="", rotate="", priority="") == _parse()


def test_an_unknown_field_is_named_with_those_that_exist() -> None:
    # When
    refusal = _refusal(langs="eng")
    # Then
    assert refusal.code is Code.INVALID_OPTION
    assert refusal.extra["field"] == "langs"
    assert set(refusal.extra["allowed"]) == {*Options.model_fields, "priority"}


@pytest.mark.parametrize(
    ("field", "value", "allowed"),
    [
        ("psm", "2", [1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]),
        ("psm", "; rm -rf /", [1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]),
        ("dpi", "9" * 5_000, "a whole number from 36 to 2400"),
        ("dpi", "-1", "a whole number from 36 to 2400"),
        ("rotate", "perhaps", "true or false"),
        ("text_layer", "none", ["auto", "force", "only"]),
        ("priority", "urgent", ["interactive", "bulk"]),
        ("engine", "rapidocr", ["auto", "tesseract", "pytesseract"]),
    ],
)
def test_a_bad_value_is_told_what_is_allowed(field: str, value: str, allowed: object) -> None:
    # When
    refusal = _refusal(**{field: value})
    # Then
    assert refusal.code is Code.INVALID_OPTION
    assert refusal.extra == {"field": field, "allowed": allowed}
    assert field in refusal.detail
    assert len(refusal.detail) <= 500


@pytest.mark.parametrize("value", ["sharpen", "deskew,deskew", "auto,clean"])
def test_a_bad_step_is_told_the_steps(value: str) -> None:
    # When
    refusal = _refusal(preprocess=value)
    # Then
    assert all(step in refusal.extra["allowed"] for step in STEPS)


@pytest.mark.parametrize("value", ["../../etc/passwd", "eng;ls", "eng\nrus", "-c", "e" * 1_000])
def test_a_hostile_language_is_an_invalid_option(value: str) -> None:
    assert _refusal(lang=value).code is Code.INVALID_OPTION


def test_a_language_that_is_not_installed_is_told_those_that_are() -> None:
    # When
    refusal = _refusal(lang="eng+deu")
    # Then
    assert refusal.code is Code.LANGUAGE_NOT_INSTALLED
    assert refusal.extra == {"field": "lang", "installed": ["eng", "rus"]}
    assert "deu" in refusal.detail


def test_the_script_of_the_page_may_choose_the_language() -> None:
    assert _parse(lang="auto").options.lang == "auto"


def test_before_any_worker_reports_every_name_passes() -> None:
    # When
    wishes = parse_options({"lang": "deu", "engine": "rapidocr"}, SETTINGS, [], [])
    # Then
    assert (wishes.options.lang, wishes.options.engine) == ("deu", "rapidocr")


def test_every_option_is_described() -> None:
    # When
    described = describe_options(SETTINGS, LANGUAGES, ENGINES)
    # Then
    assert set(described) == {*Options.model_fields, "priority"}
    assert all({"type", "default"} <= option.keys() for option in described.values())


def test_a_description_holds_defaults_and_limits() -> None:
    # When
    described = describe_options(SETTINGS, LANGUAGES, ENGINES)
    # Then
    assert described["lang"]["default"] == "rus"
    assert described["lang"]["installed"] == ["eng", "rus"]
    assert (described["dpi"]["minimum"], described["dpi"]["maximum"]) == (36, 2_400)
    assert described["engine"]["allowed"] == ["auto", "tesseract", "pytesseract"]
    assert described["preprocess"]["steps"] == list(STEPS)


def test_a_default_that_is_described_is_accepted() -> None:
    # Given
    described = describe_options(SETTINGS, LANGUAGES, ENGINES)
    # When
    wishes = _parse(**{name: str(option["default"] or "") for name, option in described.items()})
    # Then
    assert wishes.options.engine == "auto"


@given(
    st.dictionaries(
        st.sampled_from([*Options.model_fields, "priority", "unknown", ""]),
        st.text(max_size=40) | st.from_regex(r"[0-9,+-]{1,12}", fullmatch=True),
        max_size=4,
    )
)
def test_whatever_is_given_is_understood_or_refused(fields: dict[str, str]) -> None:
    # When
    outcome = _parse_or_refuse(fields)
    # Then
    assert isinstance(outcome, Wishes) or outcome in {Code.INVALID_OPTION, Code.LANGUAGE_NOT_INSTALLED}


def _parse_or_refuse(fields: dict[str, str]) -> Wishes | Code:
    try:
        return parse_options(fields, SETTINGS, LANGUAGES, ENGINES)
    except OcrError as error:
        return error.code
