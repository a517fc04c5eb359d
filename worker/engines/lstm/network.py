"""The network of a line model, computed by ONNX Runtime.

Layers as Tesseract builds them: a convolution of 3x3 pixels and its largest values over 3x3 of them, an LSTM down each
column of those (S. Hochreiter and J. Schmidhuber, Long Short-Term Memory, 1997), one along the line, one back and one
along it again.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from worker.engines.lstm.model import FEATURES, Layer, LineModel, Weights

LINE_PIXELS = 36
"""The height of a line's picture."""
POOL_PIXELS = 3
"""Columns of the picture that make one step."""
_OPERATORS, _FORMAT = 14, 8
"""Versions of ONNX that the graph is written in."""
_WHOLE_DOMAIN, _WHOLE_OPERATORS = "com.microsoft", 1
"""ONNX Runtime's own operators, and their version."""
_MOST_WHOLE, _ZERO = 127, np.uint8(128)
"""The largest of a column's weights, which Tesseract's fast models hold as whole numbers, and what stands for 0."""


class LineNetwork:
    """A network ready to run; it belongs to one thread at a time."""

    def __init__(self, model: LineModel) -> None:
        self.model = model
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # it would keep what the longest lines ever took
        self._session = onnxruntime.InferenceSession(build_graph(model), options, ["CPUExecutionProvider"])

    def run(self, lines: Sequence[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        """The probabilities of every class at every step, (steps, classes) for each line.

        A line has the shape (36, width), three pixels or more, and values from -1, its ink, to 1, its paper. A step is
        three pixels wide; what is left over at the end is not looked at. Each line takes as long as the longest.
        """
        pictures = np.zeros((len(lines), 1, LINE_PIXELS, max(line.shape[1] for line in lines)), np.float32)
        for picture, line in zip(pictures, lines, strict=True):
            picture[0, :, : line.shape[1]] = line
        steps = np.array([line.shape[1] // POOL_PIXELS for line in lines], np.int32)
        (found,) = self._session.run(None, {"pictures": pictures, "steps": steps})
        return [found[:count, number] for number, count in enumerate(steps)]


class _Graph:
    """A graph in the making, whose constants and results are named by their number."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def add(self, operator: str, *sources: str | NDArray[Any], output: int = 0, **attributes: Any) -> str:
        """Add a node and answer the name of its result, which is the operator's output of that number."""
        result = f"result {len(self.nodes)}"
        names = [source if isinstance(source, str) else self._hold(source) for source in sources]
        self.nodes.append(helper.make_node(operator, names, [*[""] * output, result], **attributes))
        return result

    def add_lstm(self, layer: Layer, source: str, steps: str = "", *, output: int, direction: str = "forward") -> str:
        """Output 0 is all that an LSTM says, output 1 the last of it; `steps` names the length of each line."""
        weights = _reorder_gates(layer.weights)
        inputs, recurrent = weights[: layer.inputs].T, weights[layer.inputs : -1].T
        sources = (source, inputs[None], recurrent[None], _join_biases(weights), steps)
        return self.add("LSTM", *sources, output=output, hidden_size=layer.outputs, direction=direction)

    def add_whole_lstm(self, layer: Layer, source: str, steps: str, *, direction: str) -> str:
        """All that an LSTM says which is computed in whole numbers, if its weights are some; else as any LSTM.

        The bytes have no sign: with one, sums run over on x86 processors without VNNI.
        """
        weights = _reorder_gates(layer.weights)
        scales = np.maximum(np.abs(weights).max(axis=0), np.finfo(np.float32).tiny) / _MOST_WHOLE
        whole = np.rint(weights / scales)
        if not np.allclose(whole * scales, weights, atol=0):
            return self.add_lstm(layer, source, steps, output=0, direction=direction)
        shifted = (whole + _ZERO).astype(np.uint8)
        matrices = shifted[None, : layer.inputs], shifted[None, layer.inputs : -1]
        sources = (source, *matrices, _join_biases(weights), steps, "", "", "", *[scales[None], np.array([_ZERO])] * 2)
        attributes = {"hidden_size": layer.outputs, "direction": direction, "domain": _WHOLE_DOMAIN}
        return self.add("DynamicQuantizeLSTM", *sources, output=0, **attributes)

    def _hold(self, values: NDArray[Any]) -> str:
        name = f"constant {len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name


def build_graph(model: LineModel) -> bytes:
    """The model's network in the format of ONNX: `pictures` (lines, 1, 36, width), `steps` (lines) of each of them."""
    graph = _Graph()
    kernel = model.convolution[:-1].reshape(3, 3, 1, FEATURES).transpose(3, 2, 1, 0)
    pool = [POOL_PIXELS, POOL_PIXELS]
    values = graph.add("Conv", "pictures", kernel, model.convolution[-1], pads=[1, 1, 1, 1])
    values = graph.add("MaxPool", values, kernel_shape=pool, strides=pool)
    values = graph.add("Tanh", values)
    # From here on the first axis is that of time, first down the columns of all lines, then along the lines.
    values = graph.add("Transpose", values, perm=[2, 3, 0, 1])
    values = graph.add("Reshape", values, np.array([0, -1, FEATURES]))
    values = graph.add_lstm(model.column, values, output=1)
    lines = graph.add("Shape", "steps")
    shape = graph.add("Concat", np.array([-1]), lines, np.array([model.column.outputs]), axis=0)
    values = graph.add("Reshape", values, shape)
    for layer, direction in ((model.forward, "forward"), (model.backward, "reverse"), (model.last, "forward")):
        values = graph.add_whole_lstm(layer, values, "steps", direction=direction)
        values = graph.add("Reshape", values, np.array([0, -1, layer.outputs]))
    values = graph.add("MatMul", values, model.output[:-1])
    values = graph.add("Add", values, model.output[-1])
    values = graph.add("Softmax", values, axis=-1)
    pictures = helper.make_tensor_value_info("pictures", TensorProto.FLOAT, ["lines", 1, LINE_PIXELS, "width"])
    steps = helper.make_tensor_value_info("steps", TensorProto.INT32, ["lines"])
    found = helper.make_tensor_value_info(values, TensorProto.FLOAT, ["time", "lines", len(model.characters)])
    made = helper.make_graph(graph.nodes, "line", [pictures, steps], [found], graph.constants)
    versions = [helper.make_opsetid("", _OPERATORS), helper.make_opsetid(_WHOLE_DOMAIN, _WHOLE_OPERATORS)]
    return bytes(helper.make_model(made, opset_imports=versions, ir_version=_FORMAT).SerializeToString())


def _join_biases(weights: Weights) -> Weights:
    """Those of the inputs, which are all, and of the recurrent values."""
    return np.concatenate([weights[-1], np.zeros_like(weights[-1])])[None]


def _reorder_gates(weights: Weights) -> Weights:
    """Columns in the order of ONNX: the input, output and forget gates and the candidate."""
    candidate, write, keep, show = np.split(weights, 4, axis=1)
    return np.concatenate([write, show, keep, candidate], axis=1)
