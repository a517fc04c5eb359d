"""The API as a program: `python -m api.server --host 0.0.0.0 --port 8000`."""

import argparse
from collections.abc import Callable
from functools import partial
from typing import Any

import uvicorn

from api.connections import PunctualProtocol
from api.main import build

_GRACE_SECONDS = 20


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m api.server", description="Serve the HTTP API.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    options = parser.parse_args(arguments)
    uvicorn.Server(make_config(partial(build, options.host), options.host, options.port)).run()


def make_config(
    app: str | Callable[[], Any], host: str, port: int, protocol: type[PunctualProtocol] = PunctualProtocol
) -> uvicorn.Config:
    """How uvicorn serves what the factory `app` makes; it may be given as `module:function`."""
    return uvicorn.Config(
        app,
        factory=True,
        host=host,
        port=port,
        loop="uvloop",
        http=protocol,
        ws="none",
        access_log=False,
        log_config=None,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )


if __name__ == "__main__":
    main()
