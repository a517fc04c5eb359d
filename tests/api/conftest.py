"""The API on a real Redis and a real folder; what a worker would do to a task, a test does through `Jobs`."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import httpx
import pytest
import redis
from PIL import Image

from api.auth import Gate, is_loopback
from api.deps import Services
from api.doubts import Doubts
from api.fleet import Fleet
from api.main import create_app
from api.notifications import Notifications
from shared.jobs import Jobs, connect
from shared.keys import Keys
from shared.queue import Queue
from shared.schemas import Status
from shared.settings import Limits, Settings
from shared.storage import Storage
from shared.workers import WorkerInfo, Workers
from tests.api.serving import serve
from tests.service import running_redis

WORKER = WorkerInfo("worker-1", 1, ("eng", "rus"), ("auto", "tesseract", "tesserocr", "pytesseract"), "version-1")


@dataclass
class Site:
    """The API as a client sees it, and the store behind it."""

    http: httpx.Client
    services: Services
    queue: Queue

    def submit(self, picture: bytes | None = None, **fields: str) -> httpx.Response:
        return self.http.post("/ocr", files={"file": ("scan.png", picture or draw_picture())}, data=fields)

    def submitted(self, **fields: str) -> str:
        return str(self.submit(**fields).json()["task_id"])

    def succeed(self, task_id: str, result: bytes = b'{"answer":42}') -> None:
        self.services.jobs.finish(task_id, Status.SUCCEEDED, result=result)

    def uploads(self) -> list[Path]:
        return [path for path in self.services.storage.root.rglob("*") if path.is_file()]


def draw_picture(shade: int = 255) -> bytes:
    buffer = BytesIO()
    Image.new("L", (40, 20), shade).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_redis(tmp_path_factory.mktemp("redis")) as (url, _):
        yield url


@pytest.fixture
def make_site(redis_url: str, tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """A function that opens a site; keyword arguments are settings, or limits by their names."""
    stack = ExitStack()
    store = stack.enter_context(redis.Redis.from_url(redis_url))
    store.flushall()

    def make(
        *, with_worker: bool = True, host: str = "127.0.0.1", jobs_type: type[Jobs] = Jobs, **changes: object
    ) -> Site:
        limits = Limits(**{name: value for name, value in changes.items() if name in Limits.model_fields})
        rest = {name: value for name, value in changes.items() if name not in Limits.model_fields}
        settings = Settings(**{"redis_url": redis_url, "data_dir": tmp_path, "limits": limits, **rest})
        client = connect(settings.redis_url)
        storage = Storage(settings.data_dir)
        storage.prepare()
        workers = Workers(client)
        if with_worker:
            workers.beat(WORKER)
        jobs = jobs_type(client, settings.result_seconds)
        services = Services(
            settings=settings,
            jobs=jobs,
            storage=storage,
            fleet=Fleet(workers),
            notifications=Notifications(settings.redis_url),
            gate=Gate(Keys(client), settings.anonymous, is_loopback(host), frozenset(settings.hosts)),
            doubts=Doubts(jobs, storage),
        )
        _, port = stack.enter_context(serve(lambda: create_app(services)))
        http = stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60))
        return Site(http, services, Queue(client))

    with stack:
        yield make


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    return make_site()
