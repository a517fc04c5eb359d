"""The lines of a list header as one: a client or a proxy may spread a list over several (RFC 9110, 5.3)."""

from starlette.types import ASGIApp, Receive, Scope, Send

_LISTS = (b"accept", b"accept-language", b"if-none-match", b"prefer")


class Lists:
    """Joins those that the API reads; where any other header comes twice, its first line counts."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            for name in _LISTS:
                lines = [value for key, value in scope["headers"] if key == name]
                if len(lines) > 1:
                    others = [header for header in scope["headers"] if header[0] != name]
                    scope["headers"] = [*others, (name, b", ".join(lines))]
        await self._app(scope, receive, send)
