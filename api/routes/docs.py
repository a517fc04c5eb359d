"""`GET /docs`: the OpenAPI document for a person. FastAPI's own page would load its scripts from elsewhere."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.pages import docs_page

router = APIRouter()


@router.get("/docs", include_in_schema=False)
def get_docs(request: Request) -> HTMLResponse:
    return docs_page(request, request.app.openapi())
