"""HEAD wherever there is GET: the same answer, of which the server leaves out the body."""

from starlette.types import ASGIApp, Receive, Scope, Send


class Heads:
    """Asks the application for GET. The scope is copied, for the server must still see what it was asked for."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_head = scope["type"] == "http" and scope["method"] == "HEAD"
        await self._app({**scope, "method": "GET"} if is_head else scope, receive, send)
