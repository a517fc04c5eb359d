"""PDFs that a password protects, made by qpdf's library and checked without any."""

import io
import re
import warnings
from typing import Any, Literal

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.media import inspect_upload
from api.media.pdf_strings import parse_string
from shared.errors import Code, OcrError
from shared.settings import Limits

Revision = Literal[2, 3, 4, 5, 6]

REVISIONS: list[Revision] = [2, 3, 4, 5, 6]


def _make_pdf(encryption: pikepdf.Encryption | None = None, **options: Any) -> bytes:
    file = io.BytesIO()
    with pikepdf.new() as pdf, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Encryption R=5 is deprecated")
        pdf.add_blank_page(page_size=(200, 100))
        pdf.save(file, encryption=encryption or False, **options)
    return file.getvalue()


def _lock(revision: Revision, user: str, *, metadata: bool = True, **options: Any) -> bytes:
    encryption = pikepdf.Encryption(
        owner="owner",
        user=user,
        R=revision,
        aes=revision >= 4,
        metadata=metadata and revision >= 4,
    )
    return _make_pdf(encryption, **options)


def _inspect(data: bytes) -> str:
    return inspect_upload(io.BytesIO(data), len(data), Limits())


def _verdict(data: bytes) -> str:
    try:
        return _inspect(data)
    except OcrError as error:
        return error.code


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_pdf_that_needs_a_password_is_refused(revision: Revision) -> None:
    # Given
    data = _lock(revision, "secret")
    # When / Then
    assert _verdict(data) == Code.ENCRYPTED_PDF


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_pdf_that_only_limits_its_use_passes(revision: Revision) -> None:
    # Given
    data = _lock(revision, "")
    # When / Then
    assert b"/Encrypt" in data
    assert _inspect(data) == "application/pdf"


@pytest.mark.parametrize("user", ["", "secret"])
def test_plain_metadata_changes_the_key(user: str) -> None:
    # Given
    data = _lock(4, user, metadata=False)
    # When
    refused = _verdict(data) == Code.ENCRYPTED_PDF
    # Then
    assert refused == bool(user)


@pytest.mark.parametrize("user", ["", "secret"])
@pytest.mark.parametrize("revision", REVISIONS)
def test_a_cross_reference_stream_is_read_too(revision: Revision, user: str) -> None:
    # Given
    data = _lock(revision, user, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    # When
    refused = _verdict(data) == Code.ENCRYPTED_PDF
    # Then
    assert re.search(rb"/Type /XRef", data)
    assert refused == bool(user)


@pytest.mark.parametrize("user", ["", "secret"])
def test_a_linearized_file_is_read_too(user: str) -> None:
    # Given
    data = _lock(6, user, linearize=True)
    # When
    refused = _verdict(data) == Code.ENCRYPTED_PDF
    # Then
    assert refused == bool(user)


def test_the_dictionary_is_found_in_the_middle_of_a_large_file() -> None:
    # Given: junk between the dictionary, which comes last, and the trailer behind it
    data = _lock(4, "secret")
    cut = data.rindex(b"xref\n0 ")
    large = data[:cut] + b"%" + b"x" * (3 << 20) + b"\n" + data[cut:]
    # When / Then
    assert _verdict(large) == Code.ENCRYPTED_PDF


def test_a_dictionary_that_is_not_understood_is_left_to_the_worker() -> None:
    # Given
    data = _lock(4, "secret").replace(b"/Filter /Standard", b"/Filter /Unheard")
    # When / Then
    assert _inspect(data) == "application/pdf"


def test_the_word_alone_does_not_make_a_pdf_encrypted() -> None:
    # Given
    data = _make_pdf() + b"\n% /Encrypt 1 0 R\n"
    # When / Then
    assert _inspect(data) == "application/pdf"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"<48 65 6c6C6f>", b"Hello"),
        (b"<487>", b"Hp"),
        (b"(a(b)c)d", b"a(b)c"),
        (rb"(\050\\\)\n\053\7)", b"(\\)\n+\x07"),
        (b"(a\\\nb\r\nc)", b"ab\nc"),
        (b"(no end", None),
        (b"<no hex>", None),
        (b"/Name", None),
    ],
)
def test_strings_are_read_as_the_standard_says(text: bytes, value: bytes | None) -> None:
    assert parse_string(text) == value


LOCKED = [_lock(revision, "secret") for revision in REVISIONS]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_mutation_causes_another_error(data: st.DataObject) -> None:
    # Given
    mutant = bytearray(data.draw(st.sampled_from(LOCKED)))
    for _ in range(data.draw(st.integers(1, 20))):
        mutant[data.draw(st.integers(0, len(mutant) - 1))] = data.draw(st.integers(0, 255))
    # When / Then
    assert _verdict(bytes(mutant)) in {
        "application/pdf",
        Code.ENCRYPTED_PDF,
        Code.CORRUPT_FILE,
        Code.UNSUPPORTED_MEDIA_TYPE,
    }
