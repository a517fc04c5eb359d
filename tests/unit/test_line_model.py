"""Tesseract's model files and the network in them."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from worker.engines.lstm.model import Layer, LineModel, UnknownBuildError, load_model
from worker.engines.lstm.network import LINE_PIXELS, LineNetwork, build_graph
from worker.tessdata import find_models

_Values = NDArray[np.float32]
_CLASSES = 5


def make_model(*, whole: bool = False) -> LineModel:
    """A small one; with `whole` the weights of its layers are whole numbers of a scale, as those of fast models are."""
    random = np.random.default_rng(1)

    def weights(*shape: int) -> _Values:
        return random.normal(0, 0.5, shape).astype(np.float32)

    def layer(inputs: int, outputs: int) -> Layer:
        values = weights(inputs + outputs + 1, 4 * outputs)
        scales = np.abs(values).max(axis=0) / 127
        return Layer(np.rint(values / scales) * scales if whole else values, inputs, outputs)

    layers = layer(16, 4), layer(4, 6), layer(6, 6), layer(6, 7)
    return LineModel(weights(10, 16), *layers, weights(8, _CLASSES), [*"abcd", ""], _CLASSES - 1)


def make_line(width: int, seed: int = 0) -> _Values:
    return np.random.default_rng(seed).uniform(-1, 1, (LINE_PIXELS, width)).astype(np.float32)


def run_layer(layer: Layer, inputs: _Values) -> _Values:
    """The textbook's LSTM over (steps, inputs)."""
    output, state, outputs = np.zeros(layer.outputs), np.zeros(layer.outputs), []
    for now in inputs:
        sums = np.concatenate([now, output, [1.0]]) @ layer.weights
        candidate, *gates = np.split(sums, 4)
        write, keep, show = (1 / (1 + np.exp(-gate)) for gate in gates)
        state = state * keep + np.tanh(candidate) * write
        output = np.tanh(state) * show
        outputs.append(output)
    return np.array(outputs, np.float32)


def run_plainly(model: LineModel, line: _Values) -> _Values:
    """The same network, one line and one pixel after the other."""
    steps = line.shape[1] // 3
    padded = np.pad(line[:, : 3 * steps], 1)
    if line.shape[1] > 3 * steps:
        padded[1:-1, -1] = line[:, 3 * steps]
    convolved = np.empty((LINE_PIXELS, 3 * steps, 16))
    for y in range(LINE_PIXELS):
        for x in range(3 * steps):
            around = padded[y : y + 3, x : x + 3].T.ravel()
            convolved[y, x] = np.tanh(np.append(around, 1.0) @ model.convolution)
    pooled = convolved.reshape(LINE_PIXELS // 3, 3, steps, 3, 16).max(axis=(1, 3))
    values = np.array([run_layer(model.column, pooled[:, step])[-1] for step in range(steps)])
    values = run_layer(model.forward, values)
    values = run_layer(model.backward, values[::-1])[::-1]
    values = run_layer(model.last, values)
    powers = np.exp(values @ model.output[:-1] + model.output[-1])
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)


@pytest.mark.parametrize(("whole", "tolerance"), [(False, 1e-5), (True, 1e-3)], ids=["exact", "whole"])
@pytest.mark.parametrize("width", [3, 40, 62])
def test_the_network_is_the_textbooks(width: int, whole: bool, tolerance: float) -> None:  # noqa: FBT001 - a test's parameter
    # Given
    model, line = make_model(whole=whole), make_line(width)
    # When
    (found,) = LineNetwork(model).run([line])
    # Then
    np.testing.assert_allclose(found, run_plainly(model, line), atol=tolerance)


@pytest.mark.parametrize(("whole", "tolerance"), [(False, 1e-5), (True, 1e-3)], ids=["exact", "whole"])
def test_lines_are_read_together_as_they_are_one_by_one(whole: bool, tolerance: float) -> None:  # noqa: FBT001 - likewise
    # Given
    network = LineNetwork(make_model(whole=whole))
    lines = [make_line(width, seed) for seed, width in enumerate([30, 3, 300, 31, 9_000, 2_000, 30])]
    # When
    together = network.run(lines)
    # Then
    for line, found in zip(lines, together, strict=True):
        np.testing.assert_allclose(found, network.run([line])[0], atol=tolerance)


@pytest.mark.parametrize("language", sorted({"eng", "rus"} & set(find_models())))
def test_the_layers_along_a_line_of_a_fast_model_are_computed_in_whole_numbers(language: str) -> None:
    # When
    graph = onnx.load_from_string(build_graph(load_model(find_models()[language])))
    # Then
    assert [node.op_type for node in graph.graph.node if "LSTM" in node.op_type] == [
        "LSTM",
        *["DynamicQuantizeLSTM"] * 3,
    ]


def test_a_model_knows_its_characters() -> None:
    # When
    model = load_model(find_models()["eng"])
    # Then
    assert {" ", "a", "Z", "7", "—"} <= set(model.characters)
    assert model.characters[model.blank] == ""
    assert model.output.shape == (model.last.outputs + 1, len(model.characters))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(
            b"\x01\x00\x00\x00\x24\x00\x00\x00\x00", b"\x01\x00\x00\x00\x30\x00\x00\x00\x00", id="lines higher"
        ),
        pytest.param("é".encode() + b" ", "א".encode() + b" ", id="a script from right to left"),
    ],
)
def test_a_model_of_another_kind_is_refused(tmp_path: Path, old: bytes, new: bytes) -> None:
    # Given
    path = tmp_path / "eng.traineddata"
    data = find_models()["eng"].read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new, 1))
    # When / Then
    with pytest.raises(UnknownBuildError):
        load_model(path)


def test_a_model_of_another_build_is_refused() -> None:
    with pytest.raises(UnknownBuildError):
        load_model(find_models()["osd"])


@pytest.mark.parametrize("size_bytes", [0, 3, 200, 100_000])
def test_a_broken_model_is_refused(tmp_path: Path, size_bytes: int) -> None:
    # Given
    path = tmp_path / "eng.traineddata"
    path.write_bytes(find_models()["eng"].read_bytes()[:size_bytes])
    # When / Then
    with pytest.raises(UnknownBuildError):
        load_model(path)
