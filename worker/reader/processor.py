"""The configured function: finding it, calling it, and telling its failures to the client without paths or traces."""

import importlib
import json
import logging
import re
from collections.abc import Callable
from typing import Any

from pydantic_core import from_json

from shared.errors import Code, OcrError
from shared.schemas import JsonDict

Processor = Callable[[str], Any]

_MAX_DETAIL_CHARACTERS = 300
_PATH = re.compile(r"(?<![\w/])/[^\s'\"<>:;,)\]]+")


log = logging.getLogger(__name__)


def load_processor(name: str) -> Processor:
    """The function named `package.module:function`.

    Raises:
        Exception: What importing its module raises; AttributeError where the module has no such function.
    """
    module, _, function = name.partition(":")
    processor: Processor = getattr(importlib.import_module(module), function)
    return processor


def call_processor(name: str, path: str) -> JsonDict:
    """What the function makes of the file at `path`.

    Raises:
        OcrError: Its own, as it is; `processor_error` for anything else it raises, sys.exit() too, and for a result
            that is not a JSON object.
        MemoryError: It needs more than there is.
    """
    try:
        answer = {"result": load_processor(name)(path)}
        result = from_json(json.dumps(answer, allow_nan=False, ensure_ascii=False))["result"]  # as the worker reads it
    except (OcrError, MemoryError):
        raise
    except BaseException as error:
        log.exception("the configured function failed")
        raise OcrError(Code.PROCESSOR_ERROR, _describe(error)) from error
    if not isinstance(result, dict):
        detail = f"The function returned {type(result).__name__}, and not a dict."
        raise OcrError(Code.PROCESSOR_ERROR, detail)
    return result


def _describe(error: BaseException) -> str:
    text = _PATH.sub("...", f"{type(error).__name__}: {error}")
    return text if len(text) <= _MAX_DETAIL_CHARACTERS else text[: _MAX_DETAIL_CHARACTERS - 3] + "..."
