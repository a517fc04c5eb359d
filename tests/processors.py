"""Functions to set as `OCR_PROCESSOR`; `act` does what its upload, a JSON file, tells it to."""

import ctypes
import json
import os
import platform
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from shared.errors import Code, OcrError


def act(path: str) -> Any:
    """Carry out the order in the upload: `action`, the name of a function below, and its arguments."""
    order = json.loads(Path(path).read_text())
    return _ACTIONS[order.pop("action")](**order)


def describe(path: str) -> dict[str, Any]:
    return {
        "path": path,
        "siblings": [entry.name for entry in Path(path).parent.iterdir()],
        "environment": dict(os.environ),
    }


def overwrite(path: str) -> dict[str, bool]:
    Path(path).write_text("changed")
    return {"changed": True}


def read(path: str) -> dict[str, str]:
    return {"text": Path(path).read_text()}


def write(path: str) -> dict[str, bool]:
    Path(path).write_text("written")
    return {"written": True}


def litter() -> dict[str, str]:
    file = Path(os.environ["TMPDIR"]) / "folder" / "file"
    file.parent.mkdir()
    file.write_text("left behind")
    return {"file": str(file)}


def connect(port: int) -> dict[str, bool]:
    socket.create_connection(("127.0.0.1", port), timeout=2).close()
    return {"connected": True}


def send_datagram(port: int) -> dict[str, int]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        return {"sent": sender.sendto(b"text", ("127.0.0.1", port))}


def connect_unix(path: str) -> dict[str, bool]:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(path)
    return {"connected": True}


def signal_process(pid: int) -> dict[str, bool]:
    os.kill(pid, signal.SIGURG)  # ignored by who does not ask for it
    return {"signaled": True}


def run(program: list[str]) -> dict[str, str]:
    return {"output": subprocess.run(program, check=True, capture_output=True, text=True).stdout}


def start_child_and_hang() -> None:
    """Tell both process numbers on the standard output, and never return."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    sys.stdout.write(f"\nprocesses {os.getpid()} {child.pid}\n")
    hang_in_c()


def begin_namespace() -> dict[str, int]:
    """Become root in a user namespace of its own, as clone(2) and not as unshare(2)."""
    numbers = {"x86_64": 56, "aarch64": 220}
    pid = ctypes.CDLL(None, use_errno=True).syscall(
        numbers[platform.machine()], 0x10000000 | signal.SIGCHLD, 0, 0, 0, 0
    )
    if pid == 0:
        os._exit(0)
    if pid < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return {"pid": pid}


def nest(depth: int) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for _ in range(depth):
        result = {"inner": result}
    return result


def complain() -> None:
    """Fail with a detail that is no text, as names of files can be."""
    raise OcrError(Code.CORRUPT_FILE, "what is \udcff")


def leave_group() -> dict[str, bool]:
    subprocess.run([sys.executable, "-c", ""], check=True, start_new_session=True)
    return {"left": True}


def say() -> dict[str, bool]:
    sys.stdout.write('{"result": 1}\n')
    return {"said": True}


def fail() -> None:
    msg = "no such line in /srv/models/lines.txt"
    raise ValueError(msg)


def quote(text: str) -> None:
    """Fail in the middle of handling another failure, each with the text in its message."""
    try:
        {}[text]
    except KeyError as error:
        raise ValueError(text) from error


def leave() -> None:
    sys.exit(3)


def exit_hard() -> None:
    os._exit(7)


def crash(memory_bytes: int = 0) -> None:
    """As a library does that took so much and would not see that there is no more."""
    taken = bytearray(memory_bytes)
    time.sleep(1 if taken else 0)
    ctypes.string_at(0)


def sleep() -> None:
    time.sleep(60)


def work(seconds: float) -> dict[str, bool]:
    """Use the processor, as a page does that takes long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass
    return {"worked": True}


def hang_in_c() -> None:
    """Never return, holding the interpreter's lock: neither a signal's handler nor a thread could end this."""
    str(7**10**8)


def eat_memory() -> dict[str, int]:
    return {"size": len(bytearray(1 << 40))}


def eat_memory_bit_by_bit() -> None:
    hoard = []
    while True:
        hoard.append(bytearray(1 << 24))


def grow(mebibytes: int) -> dict[str, int]:
    _HOARD.append(b"x" * (mebibytes << 20))
    return {"pid": os.getpid()}


def tell_pid() -> dict[str, int]:
    return {"pid": os.getpid()}


def return_set() -> dict[str, Any]:
    return {"words": {1, 2}}


def return_nan() -> dict[str, float]:
    return {"confidence": float("nan")}


def return_list() -> list[int]:
    return [1, 2]


def return_much() -> dict[str, str]:
    return {"text": "x" * (1 << 21)}


_HOARD: list[bytes] = []
_ACTIONS = {
    function.__name__: function
    for function in (
        read,
        write,
        litter,
        connect,
        send_datagram,
        connect_unix,
        signal_process,
        run,
        start_child_and_hang,
        begin_namespace,
        nest,
        complain,
        leave_group,
        say,
        fail,
        quote,
        leave,
        exit_hard,
        crash,
        sleep,
        work,
        hang_in_c,
        eat_memory,
        eat_memory_bit_by_bit,
        grow,
        tell_pid,
        return_set,
        return_nan,
        return_list,
        return_much,
    )
}
