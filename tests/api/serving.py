"""An application behind the real server, on a port of its own."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from api.connections import PunctualProtocol
from api.server import make_config


@contextmanager
def serve(build: Callable[[], Any], protocol: type[PunctualProtocol] = PunctualProtocol) -> Iterator[tuple[str, int]]:
    """Serve what `build` makes; gives host and port."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(make_config(build, "127.0.0.1", 0, protocol))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield listener.getsockname()
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
