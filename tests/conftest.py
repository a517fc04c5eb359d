"""What tests of several folders stand on: one real Redis for a whole run, empty at the start of each test."""

from collections.abc import Iterator

import pytest
import redis

from shared.jobs import connect
from tests.service import running_redis


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_redis(tmp_path_factory.mktemp("redis")) as (url, _):
        yield url


@pytest.fixture
def store(redis_url: str) -> Iterator[redis.Redis]:
    client = connect(redis_url)
    client.flushall()
    yield client
    client.close()
