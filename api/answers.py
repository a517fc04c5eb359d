"""What the OpenAPI document says of answers, beyond the model of the one that each route is declared with."""

from typing import Any

from shared.render import FORMATS
from shared.schemas import Task

Answers = dict[int | str, dict[str, Any]]

_HTML = {"text/html": {"schema": {"type": "string"}}}
_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}, **_HTML}

PROBLEMS: Answers = {
    "4XX": {"description": "The request is at fault; a browser gets a page.", "content": _PROBLEM},
    "5XX": {"description": "The service cannot do it now; a browser gets a page.", "content": _PROBLEM},
}
"""For every route. `Task` brings the schema that they refer to into the document."""

SUBMITTED: Answers = {
    200: {"description": "The task has ended within the seconds that `Prefer: wait` gave it.", "model": Task},
    303: {"description": "For a browser: the task's page."},
}
CANCELLED: Answers = {303: {"description": "For a browser: the task's page."}}
TASK: Answers = {
    200: {"description": "Where the task stands; a browser gets a page.", "content": _HTML},
    304: {"description": "Nothing has changed since the given `ETag`."},
}
RESULT: Answers = {
    200: {
        "description": "The result in the format that was asked for.",
        "content": {
            media_type.partition(";")[0]: {"schema": {} if "json" in media_type else {"type": "string"}}
            for media_type in [*(kind.media_type for kind in FORMATS.values()), "application/pdf"]
        },
    }
}
UNREADY: Answers = {503: {"description": "What is missing is in `reason`.", "model": dict[str, Any]}}
