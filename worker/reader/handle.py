"""The worker's end of one child process."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress

from pydantic_settings import BaseSettings

from shared.schemas import JsonDict
from shared.settings import MEBIBYTE, Settings
from worker.reader.policy import make_policy, search_path
from worker.reader.pulse import Pulse
from worker.reader.sandbox import Protections
from worker.reader.scratch import Scratch
from worker.reader.wire import Channel

_FLAGS = ("-P", "-u", "-X", "faulthandler")
_STANDARD_ERROR = 2
_ENVELOPE_BYTES = 1 << 16
_LAST_BREATH_SECONDS = 1.0
_MAX_MEMORY_BYTES = 350 * MEBIBYTE
_MAX_GROWTH = 1.5
"""Over what the first upload took: a function with a large model is not a leak."""
_INHERITED = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH", "TESSDATA_PREFIX")
_SINGLE_THREADED = ("OMP_THREAD_LIMIT", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_HANDED_DOWN = ("processor", "lang", "engine", "tessdata_dir", "log_level")


class Handle:
    """A running child: messages to and from it, and its end.

    Its process group is its own, so that killing the group takes along whatever it started. Its environment is made
    anew, so that it holds no password; what it prints goes to this process's standard error.
    """

    def __init__(self, settings: Settings, scratch: Scratch, most_uploads: int, *, preloads: bool) -> None:
        """`most_uploads` is how many it may read before a new child is better."""
        policy = make_policy(settings, scratch)
        ours, theirs = socket.socketpair()
        lifeline, self._lifeline = os.pipe()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, *_FLAGS, "-m", "worker.reader.child", str(theirs.fileno()), str(lifeline)],
                stdin=subprocess.DEVNULL,
                stdout=_STANDARD_ERROR,
                stderr=_STANDARD_ERROR,
                env=_environment(settings, scratch),
                pass_fds=(theirs.fileno(), lifeline),
                start_new_session=True,
            )
        os.close(lifeline)
        self._channel = Channel(ours, settings.limits.max_text_bytes + _ENVELOPE_BYTES)
        self.protections: Protections | None = None
        self.goes_on = False
        """Whether it has announced another answer, which it sends without being asked."""
        self._uploads = 0
        self._most_uploads = most_uploads
        self._memory_bytes = 0
        self._max_memory_bytes = _MAX_MEMORY_BYTES
        self._is_spent = False
        self._pulse = self.take_pulse()
        self._allowed_bytes = settings.limits.reader_memory_bytes
        self.send({"policy": policy, "preloads": preloads})

    def send(self, message: JsonDict) -> None:
        with suppress(ConnectionError):  # a dead child shows when its answer is awaited
            self._channel.send(message)

    def receive(self, timeout_seconds: float) -> JsonDict | None:
        """See `Channel.receive`; the death of a child whose own child holds the socket open is noticed too.

        Raises:
            ConnectionError: The child is dead, or does not talk as it should.
        """
        answer = self._channel.receive(timeout_seconds)
        if answer is None and not self.is_alive():
            msg = "the child is dead"
            raise ConnectionError(msg)
        return answer

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def take_pulse(self) -> Pulse:
        self._pulse = Pulse(self._process.pid)
        return self._pulse

    def note(self, answer: JsonDict) -> None:
        """Remember what the child said of itself beside its result, and how large it is."""
        size = answer.get("memory_bytes")
        self._memory_bytes = size if isinstance(size, int) else sys.maxsize
        self._is_spent = bool(answer.get("spent"))
        self.goes_on = bool(answer.get("goes_on"))

    def count_upload(self) -> None:
        """It is done with one; after the first it is as large as it should be."""
        self._uploads += 1
        if self._uploads == 1:
            self._max_memory_bytes = max(_MAX_MEMORY_BYTES, int(self._memory_bytes * _MAX_GROWTH))

    @property
    def is_worn(self) -> bool:
        """Whether a new child would be better, by this one's age, its size or its own word.

        Or because its next answer would be one that nobody awaits any more.
        """
        is_old = self._uploads >= self._most_uploads
        return is_old or self._is_spent or self.goes_on or self._memory_bytes > self._max_memory_bytes

    def cause_of_death(self) -> str:
        """How it ended by itself, in words; to be asked before `kill`."""
        try:
            status = self._process.wait(_LAST_BREATH_SECONDS)
        except subprocess.TimeoutExpired:
            return "broke off"
        if status >= 0:
            return f"ended with status {status}"
        hint = ""
        if status == -signal.SIGABRT:
            hint = ", as libraries do that get no more memory"
        elif self._pulse.most_bytes > self._allowed_bytes // 2:  # where a larger block may have been one too many
            hint = f" after it had taken more than half of the {self._allowed_bytes} bytes of memory allowed"
        return f"died of {signal.Signals(-status).name}{hint}"

    def kill(self) -> None:
        """End the child and all it started, wherever they are."""
        with suppress(ProcessLookupError, PermissionError):  # PermissionError: macOS, when nobody is left
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._channel.close()
        os.close(self._lifeline)


def _environment(settings: Settings, scratch: Scratch) -> dict[str, str]:
    kept = {name: os.environ[name] for name in (*_INHERITED, *settings.processor_environment) if name in os.environ}
    folders = dict.fromkeys(("HOME", "TMPDIR", "XDG_CACHE_HOME"), str(scratch.writable))
    return {
        **folders,
        **dict.fromkeys(_SINGLE_THREADED, "1"),
        **kept,
        **_variables(settings, _HANDED_DOWN),
        **_variables(settings.limits, tuple(type(settings.limits).model_fields)),
        "DATA_DIR": str(scratch.root),
        "PYTHONPATH": os.pathsep.join(search_path()),
    }


def _variables(settings: BaseSettings, names: tuple[str, ...]) -> dict[str, str]:
    values = {name: getattr(settings, name) for name in names}
    return {f"OCR_{name.upper()}": str(value) for name, value in values.items() if value is not None}
