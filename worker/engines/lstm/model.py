"""A model file of Tesseract: the weights of its network and the characters its classes stand for.

The layout of the file is that of Tesseract 4 and 5 (`tessdatamanager.cpp`, `network.cpp`, `weightmatrix.cpp`,
`unicharcompress.cpp`), little-endian throughout.
"""

import struct
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Weights = NDArray[np.float32]

CHARACTERS = 21
_NETWORK, _CODES = 17, 22
"""Numbers of the parts of a model file."""
_NESTED = frozenset({"Series", "RTLReversed", "XYTranspose"})
_BUILD = (
    ("Input", (1, 36, 0, 1)),
    (("Convolve", (1, 1)), "Tanh"),
    ("Maxpool", (3, 3)),
    ("SummLSTM",),
    *("LSTM", ("LSTM",), "LSTM", "Softmax"),
)
"""The one build that is computed here: `[1,36,0,1Ct3,3,16Mp3,3LfysLfxLrxLfxO1c]`, which most models have."""
_HAS_RATES = 64
"""The flag of layers with a rate of learning of their own."""
_IS_INTEGER, _IS_CURRENT = 1, 128
_SPACE = "NULL"
"""What a list of characters calls the space."""
_NO_CHARACTERS = frozenset({"Joined", "|Broken|0|1"})
_RIGHT_TO_LEFT = frozenset({"R", "AL"})
FEATURES = 16
"""What the convolution tells of a pixel."""


class UnknownBuildError(Exception):
    """The file holds a network or an alphabet of another kind."""


@dataclass(frozen=True, slots=True)
class Layer:
    """An LSTM layer: `weights` of shape (inputs + outputs + 1, 4 x outputs), the last row its biases.

    Columns are those of the candidate and of the input, forget and output gates.
    """

    weights: Weights
    inputs: int
    outputs: int


@dataclass(frozen=True, slots=True)
class LineModel:
    """The weights from the picture of a line to its characters.

    `convolution` has the shape (10, 16): the nine pixels around one, column by column, and the bias. `output` has the
    shape (inputs + 1, classes). `characters` has the text of each class; `blank` is the class between two of them.
    """

    convolution: Weights
    column: Layer
    forward: Layer
    backward: Layer
    last: Layer
    output: Weights
    characters: list[str]
    blank: int


def load_model(path: Path) -> LineModel:
    """The model in a `traineddata` file.

    Raises:
        UnknownBuildError: for a network other than the usual one, or a script that is not read so.
        OSError: where the file cannot be read.
    """
    data = path.read_bytes()
    try:
        parts = split_parts(data)
        scanner = Scanner(parts[_NETWORK])
        layers = _read_layer(scanner)[1]
        if _shape(layers) != _BUILD:
            raise UnknownBuildError
        scanner.text()
        *_, blank = scanner.numbers("4i")
        characters = _read_characters(parts[CHARACTERS], parts[_CODES], blank)
    except (KeyError, struct.error, ValueError) as error:
        raise UnknownBuildError from error
    _, convolution, _, column, forward, backward, last, output = layers
    model = LineModel(
        convolution=np.ascontiguousarray(convolution[1][1][1].T),
        column=column[1][0][1],
        forward=forward[1],
        backward=backward[1][0][1],
        last=last[1],
        output=np.ascontiguousarray(output[1].T),
        characters=characters,
        blank=blank,
    )
    if not _fits_together(model):
        raise UnknownBuildError
    return model


def _fits_together(model: LineModel) -> bool:
    layers = (model.column, model.forward, model.backward, model.last)
    inputs = (FEATURES, *(layer.outputs for layer in layers[:-1]))
    return (
        model.convolution.shape == (10, FEATURES)
        and inputs == tuple(layer.inputs for layer in layers)
        and model.output.shape == (model.last.outputs + 1, len(model.characters))
    )


class Scanner:
    """Takes numbers out of a part of a model file, one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def numbers(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from(f"<{form}", self._data, self._at)
        self._at += struct.calcsize(f"<{form}")
        return values

    def number(self, form: str) -> Any:
        return self.numbers(form)[0]

    def array(self, kind: str, count: int) -> NDArray[Any]:
        values = np.frombuffer(self._data, kind, count, self._at)
        self._at += values.nbytes
        return values

    def text(self) -> str:
        return bytes(self.array("u1", self.number("I"))).decode()


def split_parts(data: bytes) -> dict[int, bytes]:
    """The parts of a model file by their numbers."""
    scanner = Scanner(data)
    count = scanner.number("i")
    starts = scanner.numbers(f"{count}q")
    ends = sorted([*starts, len(data)])
    return {
        number: data[start : min(end for end in ends if end > start)]
        for number, start in enumerate(starts)
        if start >= 0
    }


def read_names(characters: bytes) -> list[str]:
    """What stands for each character: itself, or the name of one that cannot be printed."""
    return [line.split(" ", 1)[0] for line in characters.decode().split("\n")[1:]]


def _read_layer(scanner: Scanner) -> tuple[str, Any]:
    """The type of a layer and what it holds: other layers, or weights."""
    if scanner.number("b"):
        raise UnknownBuildError
    kind = scanner.text()
    scanner.numbers("2b")
    flags, inputs, outputs, _ = scanner.numbers("4i")
    scanner.text()
    if kind in _NESTED:
        layers = [_read_layer(scanner) for _ in range(scanner.number("I"))]
        if flags & _HAS_RATES:
            scanner.array("<f4", scanner.number("I"))
        return kind, layers
    if kind in {"LSTM", "SummLSTM"}:
        scanner.number("i")
        return kind, _join_gates([_read_weights(scanner) for _ in range(4)], inputs, outputs)
    if kind in {"Tanh", "Softmax"}:
        return kind, _read_weights(scanner)
    if kind in {"Input", "Convolve", "Maxpool"}:
        return kind, scanner.numbers("5i" if kind == "Input" else "2i")[:4]
    raise UnknownBuildError


def _shape(layers: list[tuple[str, Any]]) -> tuple[Any, ...]:
    return tuple(
        _shape(content) if kind in _NESTED else (kind, content) if isinstance(content, tuple) else kind
        for kind, content in layers
    )


def _read_weights(scanner: Scanner) -> Weights:
    """A matrix of shape (outputs, inputs + 1)."""
    mode = scanner.number("B")
    if not mode & _IS_CURRENT:
        raise UnknownBuildError
    rows, columns = scanner.numbers("2i")
    if not mode & _IS_INTEGER:
        scanner.number("d")
        return scanner.array("<f8", rows * columns).reshape(rows, columns).astype(np.float32)
    scanner.number("b")
    integers = scanner.array("i1", rows * columns).reshape(rows, columns)
    scales = scanner.array("<f8", scanner.number("I"))[:rows]
    weights: Weights = (integers * scales[:, None]).astype(np.float32)
    return weights


def _join_gates(gates: list[Weights], inputs: int, outputs: int) -> Layer:
    weights = np.concatenate(gates).T
    if weights.shape != (inputs + outputs + 1, 4 * outputs):
        raise UnknownBuildError
    return Layer(np.ascontiguousarray(weights), inputs, outputs)


def _read_characters(characters: bytes, codes: bytes, blank: int) -> list[str]:
    """The character of each class.

    Raises:
        UnknownBuildError: for scripts that run from right to left or have characters of several classes.
    """
    names = read_names(characters)
    if any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for name in names for character in name):
        raise UnknownBuildError
    scanner = Scanner(codes)
    by_class: dict[int, str] = {}
    for name in names[: scanner.number("I")]:
        _, length = scanner.numbers("bi")
        if length != 1:
            raise UnknownBuildError
        by_class[scanner.number("i")] = " " if name == _SPACE else "" if name in _NO_CHARACTERS else name
    by_class[blank] = ""
    return [by_class[number] for number in range(len(by_class))]
