"""The options of a submit: form fields in, a checked `Options` out, and their description for clients."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, NoReturn, get_args

from pydantic import ValidationError

from shared.errors import Code, OcrError
from shared.schemas import STEPS, JsonDict, Options
from shared.settings import Settings

Priority = Literal["interactive", "bulk"]

_PRIORITY: JsonDict = {
    "type": "string",
    "default": "interactive",
    "allowed": list(get_args(Priority)),
    "description": "`bulk` waits while there is anything interactive to read.",
}
_INTEGER = re.compile(r"-?[0-9]{1,9}")
_MOST_ECHOED = 50
_MOST_DETAIL = 500
_SHOWN = {"pattern", "minimum", "maximum", "maxLength", "description"}


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a client asks for along with its file."""

    options: Options
    priority: Priority


def parse_options(
    fields: Mapping[str, str], settings: Settings, languages: Collection[str], engines: Collection[str]
) -> Wishes:
    """Check form fields; an empty one counts as not given, as browsers send them.

    No `languages` or no `engines` means that they are not known yet; then every name passes.

    Raises:
        OcrError: `invalid_option` naming the field and what it allows, or `language_not_installed`.
    """
    described = describe_options(settings, languages, engines)
    given = {name: value.strip() for name, value in fields.items() if value.strip()}
    for name in given:
        if name not in described:
            _refuse(name, f"There is no option '{name}'.", list(described))
    for name in {"engine", "priority"} & given.keys():
        if given[name] not in described[name]["allowed"]:
            _refuse_value(name, given[name], described[name])
    priority: Priority = "bulk" if given.pop("priority", "") == "bulk" else "interactive"
    defaults = {"lang": settings.lang, "engine": settings.engine}
    options = _validate({**defaults, **given}, described)
    _check_languages(options.lang, languages)
    return Wishes(options, priority)


def describe_options(settings: Settings, languages: Collection[str], engines: Collection[str]) -> JsonDict:
    """Every option with its type, default, allowed values and limits, as the model declares them."""
    described = {name: _describe(schema) for name, schema in _read_properties().items()}
    described["lang"] |= {"default": settings.lang, "installed": sorted(languages)}
    described["preprocess"] |= {"steps": list(STEPS)}
    usable = [name for name in described["engine"]["allowed"] if not engines or name == "auto" or name in engines]
    described["engine"] |= {"default": settings.engine, "allowed": usable}
    return {**described, "priority": dict(_PRIORITY)}


@cache
def _read_properties() -> JsonDict:
    properties: JsonDict = Options.model_json_schema()["properties"]
    return properties


def _describe(schema: JsonDict) -> JsonDict:
    """One property of a JSON schema, without the alternative `null` that stands for an absent field."""
    kinds = [kind for kind in schema.get("anyOf", [schema]) if kind.get("type") != "null"]
    merged = {**schema, **kinds[0]}
    described = {"type": merged["type"], "default": schema.get("default")}
    if "enum" in merged:
        described["allowed"] = merged["enum"]
    return described | {name: merged[name] for name in sorted(_SHOWN & merged.keys())}


def _validate(given: dict[str, str], described: JsonDict) -> Options:
    values: dict[str, Any] = {
        name: int(value) if described[name]["type"] == "integer" and _INTEGER.fullmatch(value) else value
        for name, value in given.items()
    }
    try:
        return Options.model_validate(values)
    except ValidationError as error:
        flaw = error.errors(include_url=False)[0]
        name = str(flaw["loc"][0])
        reason = str(flaw["ctx"]["error"]) if flaw["type"] == "value_error" else None
        _refuse_value(name, given[name], described[name], reason)


def _check_languages(lang: str, languages: Collection[str]) -> None:
    missing = [] if lang == "auto" or not languages else [name for name in lang.split("+") if name not in languages]
    if missing:
        detail = f"Not installed: {', '.join(missing)}. Installed: {', '.join(sorted(languages))}."
        raise OcrError(Code.LANGUAGE_NOT_INSTALLED, detail, field="lang", installed=sorted(languages))


def _refuse_value(name: str, value: str, description: JsonDict, reason: str | None = None) -> NoReturn:
    allowed = description.get("allowed") or reason or _phrase(description)
    text = ", ".join(map(str, allowed)) if isinstance(allowed, list) else allowed
    _refuse(name, f"The option '{name}' cannot be '{value[:_MOST_ECHOED]}'. Allowed: {text}", allowed)


def _refuse(name: str, detail: str, allowed: list[Any] | str) -> NoReturn:
    raise OcrError(Code.INVALID_OPTION, detail[:_MOST_DETAIL], field=name[:_MOST_ECHOED], allowed=allowed)


def _phrase(description: JsonDict) -> str:
    """What a value without a list of choices may be, in words."""
    if description["type"] == "boolean":
        return "true or false"
    if "minimum" in description:
        return f"a whole number from {description['minimum']} to {description['maximum']}"
    return str(description.get("description", description["type"]))
