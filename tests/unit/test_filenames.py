"""Names of files, as clients send them and as they are shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.filenames import clean_filename, read_filename


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("имя файла.png", "имя файла.png"),
        ("../../etc/passwd", "passwd"),
        (r"C:\Users\me\scan.tif", "scan.tif"),
        ("a/b\\c.pdf", "c.pdf"),
        ("a\0b\r\n\x1b[31m.png", "ab[31m.png"),
        ("invoice\u202egnp.exe", "invoicegnp.exe"),
        ("\u2066\u200fscan\u2069.png", "scan.png"),
        ("line\u2028break.png", "linebreak.png"),
        ("  scan.png ", "scan.png"),
        ("..", "unnamed"),
        ("scans/", "unnamed"),
        ("", "unnamed"),
        ("<script>alert(1)</script>.png", "script>.png"),
        ("x" * 300 + ".png", "x" * 251 + ".png"),
        ("x" * 300, "x" * 255),
    ],
)
def test_a_name_is_made_fit_to_be_shown(name: str, shown: str) -> None:
    assert clean_filename(name) == shown


@pytest.mark.parametrize(
    ("parameters", "plain", "name"),
    [
        ("filename=x; filename*=UTF-8''%D0%B8%D0%BC%D1%8F%20%281%29.png", b"x", "имя (1).png"),
        ("filename*=iso-8859-1'en'%A3.png; filename=x", b"x", "£.png"),
        ("filename*=unheard''%A3.png", b"plain.png", "plain.png"),
        ("filename*=UTF-8''%FF.png", b"plain.png", "plain.png"),
        ("filename*=UTF-8''..%2F..%2Fetc%2Fpasswd", b"", "passwd"),
        ("filename=\"a; filename*=UTF-8''evil.png\"", b"a; filename*=UTF-8''evil.png", "a; filename*=UTF-8''evil.png"),
        ("", "имя.png".encode(), "имя.png"),
        ("", b"caf\xe9.png", "café.png"),
        ("", b"100%25 %22real%22.png", '100%25 "real".png'),
    ],
)
def test_a_name_is_read_from_its_header(parameters: str, plain: bytes, name: str) -> None:
    # Given
    disposition = f'form-data; name="file"; {parameters}'.encode()
    # When / Then
    assert read_filename(disposition, plain) == name


@given(st.text())
def test_every_name_is_short_visible_and_no_path(name: str) -> None:
    # When
    shown = clean_filename(name)
    # Then
    assert 0 < len(shown) <= 255
    assert not set("/\\\0\r\n\u202e") & set(shown)
    assert shown.encode()
    assert clean_filename(shown) == shown
