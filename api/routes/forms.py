"""`GET /`, the upload form, and `GET /ocr/options`, which tells a program what the form tells a person."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.deps import GivenCaller, GivenServices, Services
from api.media import ACCEPTED
from api.options import describe_options
from api.pages import FormOptions, form_page
from shared.render import FORMATS

router = APIRouter()


@router.get("/", response_class=HTMLResponse)
def get_form(request: Request, services: GivenServices, _: GivenCaller) -> HTMLResponse:
    """The upload form."""
    settings = services.settings
    options = FormOptions(
        languages=services.fleet.languages() or [settings.lang],
        default_lang=settings.lang,
        engines=services.fleet.engines() or [settings.engine],
        max_upload_bytes=settings.limits.max_upload_bytes,
        accept=list(ACCEPTED),
    )
    return form_page(request, options)


@router.get("/ocr/options")
def get_options(services: GivenServices, _: GivenCaller) -> dict[str, Any]:
    """What can be asked for: options with their types and limits, installed languages and engines, formats."""
    return _describe(services)


def _describe(services: Services) -> dict[str, Any]:
    languages, engines = services.fleet.languages(), services.fleet.engines()
    limits = services.settings.limits
    return {
        "languages": languages,
        "engines": engines,
        "formats": [*FORMATS, *(["pdf"] if services.settings.searchable_pdf else [])],
        "media_types": list(ACCEPTED),
        "options": describe_options(services.settings, languages, engines),
        "limits": {
            "max_upload_bytes": limits.max_upload_bytes,
            "max_pixels": limits.max_pixels,
            "max_side_pixels": limits.max_side_pixels,
            "max_pages": limits.max_pages,
        },
    }
