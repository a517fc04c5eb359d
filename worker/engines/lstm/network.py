"""The network of a line model, computed for all lines of a page together.

Layers as Tesseract builds them: a convolution of 3x3 pixels and its largest values over 3x3 of them, an LSTM down each
column of those (S. Hochreiter and J. Schmidhuber, Long Short-Term Memory, 1997), one along the line, one back and one
along it again. Lines are sorted by length, so at each step those that go on are the first rows of a matrix.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from worker.engines.lstm.model import FEATURES, Layer, LineModel, Weights

LINE_PIXELS = 36
"""The height of a line's picture."""
POOL_PIXELS = 3
"""Columns of the picture that make one step."""
_CHUNK_STEPS = 512
"""Steps whose columns are computed at a time: what stays in the processor's cache is faster."""


class LineNetwork:
    """A network ready to run; it belongs to one thread at a time."""

    def __init__(self, model: LineModel) -> None:
        self.model = model
        self._patches = _spread(model.convolution)

    def run(self, lines: Sequence[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        """The probabilities of every class at every step, (steps, classes) for each line.

        A line has the shape (36, width), three pixels or more, and values from -1, its ink, to 1, its paper. A step is
        three pixels wide; what is left over at the end is not looked at. It takes some 2 kB a step.
        """
        order = np.argsort([-line.shape[1] for line in lines], kind="stable")
        lengths = np.array([lines[number].shape[1] // POOL_PIXELS for number in order])
        if not lengths.size:
            return []
        model = self.model
        values = self._run_columns([lines[number] for number in order])
        starts = np.concatenate([[0], np.cumsum(lengths)])
        ends = starts[1:] - 1
        going_on = np.searchsorted(-lengths, -np.arange(lengths[0]), side="left")
        ahead = np.concatenate([starts[:count] + step for step, count in enumerate(going_on)])
        back = np.concatenate([ends[:count] - step for step, count in enumerate(going_on)])
        for layer, steps in ((model.forward, ahead), (model.backward, back), (model.last, ahead)):
            values = _run_along(layer, values, steps, going_on)
        probabilities = _softmax(values @ model.output[:-1] + model.output[-1])
        found = [probabilities[start:end] for start, end in pairwise(starts)]
        return [found[place] for place in np.argsort(order)]

    def _run_columns(self, lines: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """The column LSTM's last output at each step of the lines, one after the other, (steps, outputs)."""
        features = np.concatenate([self._convolve(line) for line in lines], axis=1)
        chunks = range(0, features.shape[1], _CHUNK_STEPS)
        return np.concatenate([_run_down(self.model.column, features[:, at : at + _CHUNK_STEPS]) for at in chunks])

    def _convolve(self, line: NDArray[np.float32]) -> NDArray[np.float32]:
        """The first two layers, (12, steps, 16)."""
        width = line.shape[1] // POOL_PIXELS * POOL_PIXELS
        padded = np.zeros((LINE_PIXELS + 2, width + 2), np.float32)
        within = line[:, : width + 1]
        padded[1:-1, 1 : 1 + within.shape[1]] = within
        side = POOL_PIXELS + 2
        windows = sliding_window_view(padded, (side, side))[::POOL_PIXELS, ::POOL_PIXELS]
        rows, steps = windows.shape[:2]
        # The nine results that one largest value is taken of lie side by side.
        found = windows.reshape(rows * steps, side * side) @ self._patches
        largest = np.maximum(found[:, : 4 * FEATURES], found[:, 4 * FEATURES : 8 * FEATURES])
        largest = np.maximum(largest[:, : 2 * FEATURES], largest[:, 2 * FEATURES :])
        largest = np.maximum(largest[:, :FEATURES], largest[:, FEATURES:])
        np.maximum(largest, found[:, 8 * FEATURES :], out=largest)
        largest += self.model.convolution[-1]
        return np.tanh(largest, out=largest).reshape(rows, steps, FEATURES)


def _spread(convolution: Weights) -> Weights:
    """The convolution at all nine places within 5x5 pixels, (25, 9 x 16)."""
    side = POOL_PIXELS + 2
    spread = np.zeros((side, side, POOL_PIXELS, POOL_PIXELS, FEATURES), np.float32)
    for down in range(POOL_PIXELS):
        for right in range(POOL_PIXELS):
            kernel = convolution[:-1].reshape(3, 3, FEATURES).transpose(1, 0, 2)
            spread[down : down + 3, right : right + 3, down, right] = kernel
    return spread.reshape(side * side, -1)


def _run_down(layer: Layer, rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """The last output of a layer that runs over the first axis of (rows, steps, inputs)."""
    steps = rows.shape[1]
    state = np.zeros((steps, layer.outputs), np.float32)
    operand = _operand(layer, steps)
    for row in rows:
        operand[:, : layer.inputs] = row
        _step(layer, operand, state)
    return operand[:, layer.inputs : -1].copy()


def _run_along(
    layer: Layer, values: NDArray[np.float32], steps: NDArray[np.intp], going_on: NDArray[np.intp]
) -> NDArray[np.float32]:
    """The outputs of a layer that runs through (n, inputs) in the order of `steps`.

    `going_on` tells how many lines have a first, a second step and so on; `steps` has theirs one after the other.
    """
    outputs = np.empty((len(values), layer.outputs), np.float32)
    state = np.zeros((going_on[0], layer.outputs), np.float32)
    operand = _operand(layer, going_on[0])
    for count, now in zip(going_on, _pieces(steps, going_on), strict=True):
        operand[:count, : layer.inputs] = values[now]
        _step(layer, operand[:count], state[:count])
        outputs[now] = operand[:count, layer.inputs : -1]
    return outputs


def _pieces(steps: NDArray[np.intp], counts: NDArray[np.intp]) -> Iterator[NDArray[np.intp]]:
    end = 0
    for count in counts:
        yield steps[end : end + count]
        end += count


def _operand(layer: Layer, lines: int) -> NDArray[np.float32]:
    """Room for inputs, last outputs and the one that biases are multiplied by."""
    operand = np.zeros((lines, layer.inputs + layer.outputs + 1), np.float32)
    operand[:, -1] = 1.0
    return operand


def _step(layer: Layer, operand: NDArray[np.float32], state: NDArray[np.float32]) -> None:
    """One step of an LSTM: changes the state, and the last outputs in the operand."""
    size = layer.outputs
    gates = operand @ layer.weights
    np.tanh(gates, out=gates)
    opened = gates[:, size:]
    opened += 1.0
    opened *= 0.5
    candidate, write, keep, show = (gates[:, start : start + size] for start in range(0, 4 * size, size))
    state *= keep
    candidate *= write
    state += candidate
    np.multiply(np.tanh(state), show, out=operand[:, layer.inputs : -1])


def _softmax(values: NDArray[np.float32]) -> NDArray[np.float32]:
    values -= values.max(axis=1, keepdims=True)
    np.exp(values, out=values)
    values /= values.sum(axis=1, keepdims=True)
    return values
