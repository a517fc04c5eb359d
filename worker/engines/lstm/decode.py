"""From probabilities along a line to its characters (A. Graves et al., Connectionist Temporal Classification, 2006)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from worker.engines.lstm.model import LineModel


@dataclass(frozen=True, slots=True)
class Characters:
    """The characters of a line: where each begins and ends, in steps, and how sure it is, from 0 to 1."""

    texts: list[str]
    starts: NDArray[np.intp]
    ends: NDArray[np.intp]
    certainties: NDArray[np.float32]

    @property
    def certainty(self) -> float:
        """That of the line: its least sure character's."""
        return float(self.certainties.min(initial=1.0))


def decode(probabilities: NDArray[np.float32], model: LineModel) -> Characters:
    """The most likely class of each step, repetitions and blanks taken out.

    How sure a character is tells the step that is most in favor of another reading: what the blank and the characters
    around that step leave over. Where one character ends and the next begins it does not matter which of them wins.
    """
    best = probabilities.argmax(axis=1)
    begins = best != model.blank
    begins[1:] &= best[1:] != best[:-1]
    starts = np.flatnonzero(begins)
    if not starts.size:
        empty = np.empty(0, np.intp)
        return Characters([], empty, empty, probabilities[:, model.blank].min(initial=1.0, keepdims=True))
    classes = best[starts]
    steps = np.arange(len(best))
    current = np.cumsum(begins) - 1
    present, following = classes[np.maximum(current, 0)], classes[np.minimum(current + 1, len(classes) - 1)]
    agreeing = probabilities[:, model.blank] + probabilities[steps, present]
    agreeing += np.where(following != present, probabilities[steps, following], 0.0)
    agreeing[: starts[0]] = probabilities[: starts[0], model.blank] + probabilities[: starts[0], classes[0]]
    agreeing[starts[0]] = min(agreeing[starts[0]], agreeing[: starts[0]].min(initial=1.0))
    own = np.where(best == present, probabilities[steps, present], 0.0)
    own[: starts[0]] = 0.0
    return Characters(
        texts=[model.characters[number] for number in classes],
        starts=starts,
        ends=starts + np.add.reduceat((own > 0.0).astype(np.intp), starts),
        certainties=np.minimum(np.minimum.reduceat(agreeing, starts), np.maximum.reduceat(own, starts)),
    )


def score(probabilities: NDArray[np.float32], text: str, model: LineModel) -> float:
    """The logarithm of the probability that a line says just this text (the forward algorithm of the same paper)."""
    numbers = {character: number for number, character in enumerate(model.characters)}
    if not all(character in numbers for character in text):
        return -np.inf
    classes = np.full(2 * len(text) + 1, model.blank)
    classes[1::2] = [numbers[character] for character in text]
    skips = np.zeros(len(classes), np.float64)
    skips[3::2] = classes[3::2] != classes[1:-2:2]
    reached, logarithm = np.zeros(len(classes)), 0.0
    reached[:1] = 1.0
    for step in probabilities:
        moved = reached.copy()
        moved[1:] += reached[:-1]
        moved[2:] += reached[:-2] * skips[2:]
        reached = moved * step[classes]
        total = reached.sum()
        if not total:
            return -np.inf
        reached /= total
        logarithm += np.log(total)
    ended = reached[-2:].sum()
    return float(logarithm + np.log(ended)) if ended else -np.inf
