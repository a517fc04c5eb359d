"""A multipart/form-data body (RFC 7578), parsed while it streams in."""

import codecs
from dataclasses import dataclass, field
from typing import NoReturn

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from api.filenames import read_filename
from shared.errors import Code, OcrError

FILE_PART = "file"

_MOST_FIELDS = 32
_MOST_FIELD_BYTES = 16 << 10
_MOST_NAME_BYTES = 100


@dataclass(slots=True)
class _Part:
    """What is known of the part that is being read; its content is kept here unless it is the file."""

    headers: dict[bytes, bytes] = field(default_factory=dict)
    header: bytearray = field(default_factory=bytearray)
    value: bytearray = field(default_factory=bytearray)
    name: str = ""
    charset: str = ""
    content: bytearray = field(default_factory=bytearray)


class MultipartForm:
    """The fields of a form and the bytes of its one part `file`, in whatever order they come.

    Raises:
        OcrError: `malformed_request` with a detail that names the flaw; `file_too_large` as soon as the file is.
    """

    def __init__(self, content_type: str, max_file_bytes: int) -> None:
        kind, parameters = parse_options_header(content_type)
        if kind != b"multipart/form-data":
            refuse("The body is not multipart/form-data.")
        if not parameters.get(b"boundary"):
            refuse("The Content-Type has no boundary.")
        self.fields: dict[str, str] = {}
        self.filename: str | None = None
        self.file_bytes = 0
        self._max_file_bytes = max_file_bytes
        self._charset = _read_charset(parameters, "utf-8")
        self._part = _Part()
        self._in_file = False
        self._ended = False
        self._pieces: list[bytes] = []
        self._parser = self._make_parser(parameters[b"boundary"])

    def feed(self, data: bytes) -> list[bytes]:
        """Parse the next piece of the body and give the file's bytes found in it."""
        self._pieces = []
        try:
            self._parser.write(data)
        except FormParserError as error:
            self._refuse_broken(error)
        return self._pieces

    def finish(self) -> None:
        """Check that the body was whole and held a file."""
        if not self._ended:
            refuse("The multipart body ends before its final boundary.")
        if self.filename is None:
            refuse(f"The form has no part '{FILE_PART}'.")

    def _make_parser(self, boundary: bytes) -> MultipartParser:
        try:
            return MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin_part,
                    "on_header_field": lambda data, start, end: self._part.header.extend(data[start:end]),
                    "on_header_value": lambda data, start, end: self._part.value.extend(data[start:end]),
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._end_headers,
                    "on_part_data": self._take_data,
                    "on_part_end": self._end_part,
                    "on_end": self._end,
                },
            )
        except FormParserError as error:
            self._refuse_broken(error)

    @staticmethod
    def _refuse_broken(error: FormParserError) -> NoReturn:
        raise OcrError(Code.MALFORMED_REQUEST, "The multipart body is broken.") from error

    def _begin_part(self) -> None:
        self._part = _Part()
        self._in_file = False

    def _end_header(self) -> None:
        name = bytes(self._part.header).lower()
        if name in self._part.headers:
            refuse("A part of the form repeats a header.")
        self._part.headers[name] = bytes(self._part.value)
        self._part.header.clear()
        self._part.value.clear()

    def _end_headers(self) -> None:
        part = self._part
        disposition = part.headers.get(b"content-disposition", b"")
        kind, parameters = parse_options_header(disposition)
        if kind != b"form-data" or not 0 < len(parameters.get(b"name", b"")) <= _MOST_NAME_BYTES:
            refuse("A part of the form has no usable name.")
        part.name = _decode(parameters[b"name"], self._charset, "The name of a part")
        part.charset = _read_charset(parse_options_header(part.headers.get(b"content-type"))[1], self._charset)
        if part.name == FILE_PART:
            self._begin_file(disposition, parameters)
        elif b"filename" in parameters:
            refuse(f"The file belongs in the part '{FILE_PART}', not in '{part.name}'.")
        elif part.name in self.fields:
            refuse(f"The field '{part.name}' is repeated.")
        elif len(self.fields) >= _MOST_FIELDS:
            refuse(f"The form has more than {_MOST_FIELDS} fields.")

    def _begin_file(self, disposition: bytes, parameters: dict[bytes, bytes]) -> None:
        if self.filename is not None:
            refuse(f"The form has more than one part '{FILE_PART}'.")
        plain = parameters.get(b"filename", b"")
        if not plain and b"filename*" not in disposition.lower():
            refuse(f"The part '{FILE_PART}' names no file; a browser sends it so when no file was chosen.")
        self.filename = read_filename(disposition, plain)
        self._in_file = True

    def _take_data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file:
            self.file_bytes += end - start
            if self.file_bytes > self._max_file_bytes:
                refuse_large(self._max_file_bytes)
            self._pieces.append(data[start:end])
            return
        self._part.content += data[start:end]
        if len(self._part.content) > _MOST_FIELD_BYTES:
            refuse(f"The field '{self._part.name}' is longer than {_MOST_FIELD_BYTES} bytes.")

    def _end_part(self) -> None:
        part = self._part
        if not self._in_file:
            self.fields[part.name] = _decode(part.content, part.charset, f"The field '{part.name}'")

    def _end(self) -> None:
        self._ended = True


def refuse(detail: str) -> NoReturn:
    raise OcrError(Code.MALFORMED_REQUEST, detail)


def refuse_large(limit_bytes: int) -> NoReturn:
    raise OcrError(
        Code.FILE_TOO_LARGE, f"At most {limit_bytes} bytes are accepted in one file.", limit_bytes=limit_bytes
    )


def _read_charset(parameters: dict[bytes, bytes], default: str) -> str:
    name = parameters.get(b"charset", b"").decode("latin-1")
    if not name:
        return default
    try:
        return codecs.lookup(name).name
    except (LookupError, ValueError):
        refuse("The form names an unknown charset.")


def _decode(data: bytes | bytearray, charset: str, what: str) -> str:
    try:
        return data.decode(charset)
    except (LookupError, ValueError) as error:
        raise OcrError(Code.MALFORMED_REQUEST, f"{what} is not valid {charset}.") from error
