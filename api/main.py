"""The API's composition root: `uvicorn --factory api.main:build`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from api.answers import PROBLEMS
from api.auth import Gate, is_loopback
from api.deps import Services
from api.doubts import Doubts
from api.errors import handle_failures
from api.fleet import Fleet
from api.heads import Heads
from api.lists import Lists
from api.notifications import Notifications
from api.pages import Assets
from api.requests import RequestIds
from api.routes import docs, forms, health, results, submit, tasks
from shared.jobs import Jobs, connect
from shared.keys import Keys
from shared.logs import configure_logs
from shared.settings import Settings
from shared.storage import Storage
from shared.version import VERSION
from shared.workers import Workers


def build(host: str | None = None) -> FastAPI:
    """The application on the real parts that the environment names; `host` is the address it will be served on."""
    settings = Settings()
    configure_logs(settings.log_level)
    client = connect(settings.redis_url)
    storage = Storage(settings.data_dir)
    storage.prepare()
    jobs = Jobs(client, settings.result_seconds)
    hosts = frozenset(name.lower() for name in (host, *settings.hosts) if name)
    return create_app(
        Services(
            settings=settings,
            jobs=jobs,
            storage=storage,
            fleet=Fleet(Workers(client)),
            notifications=Notifications(settings.redis_url),
            gate=Gate(Keys(client), settings.anonymous, is_loopback(host), hosts),
            doubts=Doubts(jobs, storage),
        )
    )


def create_app(services: Services) -> FastAPI:
    """The application on any parts."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with services.notifications.listening():
            yield

    app = FastAPI(
        title="OCR service", version=VERSION, lifespan=lifespan, responses=PROBLEMS, docs_url=None, redoc_url=None
    )
    app.state.services = services
    app.add_middleware(Heads)
    app.add_middleware(Lists)
    app.add_middleware(RequestIds)
    for routes in (forms, submit, results, tasks, health, docs):
        app.include_router(routes.router)
    app.mount("/static", Assets())
    handle_failures(app)
    return app
